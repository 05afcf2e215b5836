// Buzzer and voice, heard only if somebody wants it.

import { $, press } from "./elements.js";

let context = null;
const voices = {};
const PITCHES = { buzzer: ["square", 2300, 0.04], voice: ["sine", 520, 0.12] };

export function prepareSound() {
  $("sound").addEventListener("click", () => {
    if (context) {
      context.close();
      context = null;
      for (const name of Object.keys(voices)) delete voices[name];
    } else {
      context = new AudioContext();
    }
    press($("sound"), context !== null);
  });
}

export function sound(light) {
  if (!context) return;
  for (const [name, [form, pitch, gain]] of Object.entries(PITCHES)) {
    if (light[name] && !voices[name]) {
      const tone = new OscillatorNode(context, { type: form, frequency: pitch });
      const volume = new GainNode(context, { gain });
      tone.connect(volume).connect(context.destination);
      tone.start();
      voices[name] = tone;
    } else if (!light[name] && voices[name]) {
      voices[name].stop();
      delete voices[name];
    }
  }
}
