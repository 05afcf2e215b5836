// A snapshot of the car, put into the page.

import { $, all, list, make, press, span, text, toggle, wall } from "./elements.js";
import { advise } from "./advice.js";
import { nowS, rate } from "./feed.js";

const STATES = {
  vacant: "Nobody is using the car.",
  authorising: "The car asks the centre.",
  unlocked: "No door was opened yet.",
  boarding: "A door was opened, the key is still in its box.",
  in_use: "The key is out.",
  key_returned: "The key is back in its box.",
  ending: "The car locks up.",
  ended: "What was forgotten can be fetched.",
  reopened: "Open to fetch what was left.",
  relocked: "No door was opened in time.",
  secured: "The key stayed in its box.",
  maintenance: "A technician has the car.",
  off: "The box runs no program.",
};
const VERBS = { start: "Start", end: "End", extend: "15 minutes more", reopen: "Reopen", lock: "Lock", reunlock: "Unlock again", enrol: "Register a card" };
const ANSWERS = { pending: "waiting for the car …", accepted: "accepted.", refused: "refused.", unknown: "no answer; look at the car." };
const DEADLINES_MAX = 5;
const LOW_MV = 11800;
//: Each answer holds the time for a moment; of a longer one the page speaks.
const HELD_MS = 700;
let you = "";
let heldSinceMs = null;

/** What changes with the car. */
export function showCar(car) {
  showBody(car.body);
  showKeyBox(car.body);
  showPhone(car.phone);
  showTrouble(car);
  const name = car.state.replaceAll("_", " ");
  text($("state"), name);
  text($("state-says"), STATES[car.state] ?? "");
  toggle($("buzzer"), "on", car.light.buzzer);
  toggle($("voice"), "on", car.light.voice);
  toggle($("hazard"), "on", car.hazards === "flashing");
  showCards(car);
  for (const button of all("[data-offer]")) button.hidden = !car.offers.includes(button.dataset.offer);
  for (const button of all("[data-rate]")) press(button, Number(button.dataset.rate) === car.pace.speed);
  press($("pause"), car.is_still);
  $("jump").disabled = !car.deadlines.length;
}

/** What changes by waiting alone. */
export function showTime(car) {
  const now_s = nowS();
  const [date, time] = wall(now_s, car.utc_offset_s);
  text($("date"), date);
  text($("clock"), time);
  const [sentence, selector] = advise(car, now_s);
  text($("hint"), sentence);
  for (const one of all(".wanted")) if (!selector || !one.matches(selector)) one.classList.remove("wanted");
  if (selector) document.querySelector(selector).classList.add("wanted");
  toggle($("reader"), "wanted", selector === '[data-card="own"]');
  const due = car.deadlines.filter((one) => one.at_ms / 1000 > now_s).slice(0, DEADLINES_MAX);
  list($("deadlines"), due.map((one) => one.what).join("|"), () => due.map(deadline));
  [...$("deadlines").children].forEach((item, index) => {
    const left_s = due[index].at_ms / 1000 - now_s;
    text(item.lastChild, span(left_s));
    toggle(item, "soon", left_s < 10);
  });
  showPace(car);
  showBookings(car);
}

/** Quicker than ×1 no answer from outside would be in time: it passes so until all are there. */
function showPace(car) {
  const isHeld = rate() === 1 && (car.pace.speed > 1 || car.pace.mode === "racing");
  heldSinceMs = isHeld ? (heldSinceMs ?? performance.now()) : null;
  const isLong = isHeld && performance.now() - heldSinceMs > HELD_MS;
  const mode = car.pace.mode === "you drive" ? "" : car.pace.mode;
  text($("pace"), isLong ? "×1 until the answer is there" : mode);
}

/** Which cards can touch, just now. */
function showCards(car) {
  for (const button of all("[data-card]")) {
    const card = car.cards.find((one) => one.whose === button.dataset.card);
    button.disabled = !card || !car.body.has_reader;
    if (!card) continue;
    text(button.querySelector("span"), card.rests ? "at the reader" : `… ${card.idm.slice(-4)}`);
    if (card.rests !== (button.getAttribute("aria-disabled") === "true")) button.setAttribute("aria-disabled", String(card.rests));
  }
}

function deadline(one) {
  const item = make("li");
  item.append(make("span", one.what), make("b"));
  return item;
}

function showBody(body) {
  for (const door of all(".door, .lid")) toggle(door, "open", body.open_doors.includes(door.dataset.door));
  for (const button of all("[data-open]")) {
    const isOpen = body.open_doors.includes(button.dataset.open);
    press(button, isOpen);
    const name = button.dataset.open.replace("-", " ");
    const label = isOpen ? `${name}: open` : name;
    text(button, label[0].toUpperCase() + label.slice(1));
  }
  const car = $("car");
  toggle(car, "unlocked", !body.is_locked);
  toggle(car, "running", body.engine_is_on);
  toggle(car, "lit-lamps", body.lights_are_on);
  toggle(car, "moving", body.is_moving);
  text($("locked"), body.is_locked ? "LOCKED" : "UNLOCKED");
  const doors = body.open_doors.length ? `open: ${body.open_doors.join(", ")}` : "all closed";
  const label = `The car from above, ${body.is_locked ? "locked" : "unlocked"}, ${doors}`;
  if (car.getAttribute("aria-label") !== label) car.setAttribute("aria-label", label);
  toggled("engine", body.engine_is_on, body.engine_is_on ? "Engine on" : "Engine off");
  toggled("brake", body.brake_is_on, body.brake_is_on ? "Brake on" : "Brake off");
  toggled("lights", body.lights_are_on, body.lights_are_on ? "Lights on" : "Lights off");
  toggled("window", body.window_is_open, body.window_is_open ? "Window open" : "Window closed");
  for (const button of all("[data-gear]")) press(button, button.dataset.gear === body.gear);
  text($("drive"), body.is_moving ? "Driving …" : "Drive");
  const where = [body.latitude_udeg, body.longitude_udeg].map((udeg) => (udeg / 1e6).toFixed(4)).join(", ");
  text($("facts"), [
    body.is_blocked ? "starter blocked" : "starter free",
    `${(body.battery_mv / 1000).toFixed(1)} V`,
    `${(body.odometer_m / 1000).toFixed(1)} km`,
    where,
  ].join("\n"));
  toggle($("facts"), "low", body.battery_mv < LOW_MV);
}

function toggled(name, is, said) {
  const button = document.querySelector(`[data-toggle="${name}"]`);
  press(button, is);
  text(button, said);
}

function showKeyBox(body) {
  const hasKnob = body.knob !== "";
  $("knob").hidden = !hasKnob;
  toggle($("knob"), "rent", body.knob === "rent");
  $("knob").setAttribute("aria-label", body.knob === "rent" ? "Turn the knob to return" : "Turn the knob to rent");
  [...document.querySelectorAll(".ends li")].forEach((one) => {
    one.hidden = !hasKnob;
    toggle(one, "at", one.textContent === body.knob);
  });
  toggle($("key"), "out", !body.key_is_in);
  text($("key").querySelector("span"), body.key_is_in ? "Take the key" : "Put the key in");
  const key = body.key_is_in ? "key in" : "key out";
  text($("key-says"), hasKnob ? `${key}, at ${body.knob}` : `${key}, at a connector`);
}

function showPhone(phone) {
  if (!phone.verb) return;
  text($("phone"), `${VERBS[phone.verb] ?? phone.verb}: ${ANSWERS[phone.status] ?? phone.status} ${phone.why}`.trim());
  $("phone").className = `answer ${phone.status}`;
}

/** Whose phone and card the page holds. */
export function nameDriver(name) {
  you = name;
}

function showBookings(car) {
  const key = JSON.stringify([you, car.bookings]);
  list($("bookings"), key, () => {
    if (!car.bookings.length) return [make("li", "none", "quiet")];
    return car.bookings.slice(0, 6).map((one) => {
      const [, from] = wall(one.starts_s, car.utc_offset_s);
      const [, to] = wall(one.ends_s, car.utc_offset_s);
      const item = make("li", undefined, one.status === "in_use" ? "now" : "");
      item.append(make("b", `${one.name}  ${from.slice(0, 5)} to ${to.slice(0, 5)}`));
      const whose = one.driver === you ? `you, ${one.driver}` : one.driver;
      item.append(make("span", `${whose}, ${one.status.replaceAll("_", " ")}`));
      return item;
    });
  });
}

function showTrouble(car) {
  const network = car.network.split(/[ ,]/)[0];
  for (const button of all("[data-net]")) press(button, button.dataset.net === network);
  for (const button of all("[data-power]")) press(button, (button.dataset.power === "on") === car.has_power);
  for (const button of all("[data-reader]")) press(button, (button.dataset.reader === "dead") === car.faults.reader_is_dead);
  for (const button of all("[data-battery]")) press(button, (button.dataset.battery === "low") === car.body.battery_mv < LOW_MV);
  toggle($("reader"), "dead", car.faults.reader_is_dead);
  const inputs = Object.entries(car.faults.inputs);
  list($("stuck"), JSON.stringify(inputs), () =>
    inputs.map(([name, value]) => {
      const item = make("li");
      const button = make("button", `${name} ${value} ✕`);
      button.type = "button";
      button.setAttribute("aria-label", `Free the input ${name}, stuck at ${value}`);
      button.dataset.do = `free ${name}`;
      item.append(button);
      return item;
    }));
  const trouble = [car.clock_trouble, car.box === "runs" ? "" : `the box ${car.box}`, car.is_in_step ? "" : "not in step with the centre"];
  text($("machine"), [...trouble.filter(Boolean), `${car.profile} on ${car.machine}`].join(" · "));
}
