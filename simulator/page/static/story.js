// The story that is told, step by step if wanted, and the dialog that begins anew.

import { $, text } from "./elements.js";
import { get, post } from "./feed.js";
import { ask } from "./hands.js";
import { say } from "./log.js";

let story = { steps: [], title: "" };
let car = null;

export function hearStory(told) {
  story = told;
}

export function showStory(seen) {
  car = seen;
  const { step, is_over: isOver, standing, awaited } = car.story;
  text($("story-title"), story.title);
  text($("story-at"), isOver ? "over; the car is yours" : `${standing}${car.by_hand ? "; you drive" : ""}`);
  const next = story.steps[step];
  const waiting = awaited ? `waits for ${awaited.text}` : "";
  text($("story-next"), isOver ? "" : waiting || (next ? `Next: ${describe(next)}` : ""));
  $("play").hidden = $("step").hidden = isOver;
  const isTold = !car.by_hand && !car.is_still;
  text($("play"), isTold ? "Hold" : "Play on");
}

function describe(step) {
  const parts = [step.at, step.says || step.does.join(", ")];
  if (step.wants) parts.push(`see ${step.wants}`);
  return parts.filter(Boolean).join("; ");
}

export async function prepareStory() {
  $("play").addEventListener("click", () => {
    const isTold = !car.by_hand && !car.is_still;
    ask(isTold ? { pause: true } : { story: "resume" });
  });
  $("step").addEventListener("click", () => ask({ story: "step" }));
  $("choose").addEventListener("click", open);
  $("begin-story").addEventListener("change", suitProfile);
  $("begin-close").addEventListener("click", () => $("begin").close());
  $("begin-play").addEventListener("click", () => begin(false));
  $("begin-step").addEventListener("click", () => begin(true));
  $("begin-vm-only").addEventListener("click", () => begin(false, true));
}

async function open() {
  const choices = await get("/choices");
  if (!choices.stories) return say("The page's server is not there just now.", true);
  fill($("begin-story"), choices.stories.map((one) => [one.file, one.title]), story.path.split("/").at(-1));
  [...$("begin-story").options].forEach((option, at) => { option.dataset.profile = choices.stories[at].profile; });
  fill($("begin-profile"), choices.profiles.map((one) => [one, one]), story.profile);
  fill($("begin-vm"), choices.vms.map((one) => [one.vm, one.name + (one.lacks ? " (not installed)" : ""), one.lacks]), car?.vm);
  for (const id of ["begin-play", "begin-step", "begin-vm-only"]) $(id).disabled = !choices.can_begin;
  text($("begin-says"), choices.can_begin
    ? "A story or profile needs a new fleet: car, daemon and database begin anew, and all passwords are new. " +
      "Another interpreter alone is a power cut of the box: doors, key, journal and bookings stay as they are, only a story that is told ends."
    : "This page was started by itself, so nobody can begin anew for it; make run can.");
  $("begin").showModal();
}

/** A story is about the terms that stand in its file; others can be chosen afterwards. */
function suitProfile() {
  const own = $("begin-story").selectedOptions[0].dataset.profile;
  if (own) $("begin-profile").value = own;
}

function fill(select, options, chosen) {
  select.replaceChildren(...options.map(([value, name, lacks]) => {
    const option = new Option(name, value, false, value === chosen);
    option.disabled = Boolean(lacks);
    return option;
  }));
}

async function begin(hold, vmOnly = false) {
  const wish = { story: vmOnly ? null : $("begin-story").value, profile: vmOnly ? null : $("begin-profile").value, vm: $("begin-vm").value, hold };
  const error = await post("/begin", wish);
  if (error) {
    text($("begin-says"), error);
    return;
  }
  $("begin").close();
  say(vmOnly ? "The box gets another interpreter …" : "All begins anew …");
}
