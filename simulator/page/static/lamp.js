// The reader's lamp and the hazard lamps. Up to twice the real speed they are as the lines are in
// the car; faster they would flicker, so the same pattern is shown as it would look at speed 1.

import { $, text, toggle } from "./elements.js";
import { rate } from "./feed.js";

const TRUE_UP_TO = 2;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const COLOURS = ["red", "green", "yellow", "orange"];

const SAYS = {
  "dark": "dark",
  "red-blink": "blinks red",
  "red": "red",
  "green-blink": "blinks green",
  "three-colour": "red, green, yellow in turn",
  "orange-blink": "blinks orange",
  "green-yellow-blink": "green and yellow in turn",
  "refused": "refused: quick red",
};

const PATTERNS = {
  "red-blink": (ms) => (ms % 1000 < 500 ? "red" : ""),
  "red": () => "red",
  "green-blink": (ms) => (ms % 1000 < 500 ? "green" : ""),
  "three-colour": (ms) => ["red", "green", "yellow"][Math.floor(ms / 500) % 3],
  "orange-blink": (ms) => (ms % 1000 < 500 ? "orange" : ""),
  "green-yellow-blink": (ms) => (ms % 1000 < 500 ? "green" : "yellow"),
  "refused": (ms) => (ms % 300 < 150 ? "red" : ""),
};

function levels(light) {
  if (light.red) return light.yellow ? "orange" : "red";
  if (light.green) return "green";
  return light.yellow ? "yellow" : "";
}

function colour(car) {
  const pattern = PATTERNS[car.lamp];
  if (still.matches) return pattern ? pattern(0) : "";
  if (rate() <= TRUE_UP_TO) return levels(car.light);
  return pattern ? pattern(performance.now()) : "";
}

function hazardIsLit(car) {
  if (car.hazards !== "flashing") return false;
  if (still.matches) return true;
  return rate() <= TRUE_UP_TO ? car.light.hazard : performance.now() % 1000 < 500;
}

/** Called for each picture, and at once when the car tells of a line. */
export function showLamps(car) {
  const lit = car.body.has_reader ? colour(car) : "";
  for (const one of COLOURS) {
    toggle($("lamp"), one, one === lit);
    toggle($("car"), one, one === lit);
  }
  toggle($("car"), "flashing", hazardIsLit(car));
  const dead = car.faults.reader_is_dead ? ", but dead: it hears no card" : "";
  text($("lamp-says"), car.body.has_reader ? SAYS[car.lamp] + dead : "none; by phone only");
}
