// Clicks, keys and cards that are dragged: each becomes a request in the words of stories.

import { $, all, make } from "./elements.js";
import { post } from "./feed.js";
import { say } from "./log.js";

const FLIGHT_MS = 350;
const DRAGGED_PX = 6;
let car = null;

/** The car as it is seen, for what depends on it. */
export function see(seen) {
  car = seen;
}

export async function ask(request) {
  const error = await post("/ask", request);
  if (error) say(error, true);
}

const act = (words) => ask({ do: words });

function tap(whose) {
  const card = car?.cards.find((one) => one.whose === whose);
  if (!card) return;
  if (card.rests) {
    say("That card was at the reader just now: within three seconds a touch counts once.");
    return;
  }
  const verb = whose === "staff" ? "staff-tap" : "tap";
  fly(document.querySelector(`[data-card="${whose}"]`));
  act(`${verb} ${card.idm}`);
}

function flip(name) {
  const body = car.body;
  const words = {
    engine: body.engine_is_on ? "engine off" : "engine on",
    brake: body.brake_is_on ? "brake off" : "brake on",
    lights: body.lights_are_on ? "lights off" : "lights on",
    window: body.window_is_open ? "window closed" : "window open",
    key: body.key_is_in ? "key out" : "key in",
    knob: body.knob === "return" ? "knob rent" : "knob return",
    network: car.network === "down" ? "network up" : "network down",
    power: car.has_power ? "power cut" : "power on",
    gear: body.gear === "P" ? "gear D" : "gear P",
  };
  act(words[name]);
}

function move(door) {
  act(`${car.body.open_doors.includes(door) ? "close" : "open"} ${door}`);
}

const pause = () => ask({ pause: !car.is_still });
const jump = () => ask({ jump: "deadline" });
const speed = (factor) => ask({ rate: Math.min(Math.max(car.pace.speed * factor, 0.125), 1000) });

const KEYS = [
  ["t", "your card touches the reader", () => tap("own")],
  ["o", "another’s card", () => tap("other")],
  ["u", "an unknown card", () => tap("unknown")],
  ["v", "a staff card", () => tap("staff")],
  ["d", "driver’s door", () => move("driver")],
  ["p", "trunk", () => move("trunk")],
  ["n", "knob of the key box", () => flip("knob")],
  ["k", "key", () => flip("key")],
  ["e", "engine", () => flip("engine")],
  ["b", "brake", () => flip("brake")],
  ["g", "gear P or D", () => flip("gear")],
  ["s", "phone: start", () => act("site start")],
  ["f", "phone: end", () => act("site end")],
  ["x", "phone: 15 minutes more", () => act("site extend 15m")],
  ["m", "phone: reopen", () => act("site reopen")],
  ["l", "phone: lock", () => act("site lock")],
  ["a", "phone: unlock again", () => act("site reunlock")],
  ["i", "phone: register a card", () => act("site enrol")],
  ["c", "power cut or on", () => flip("power")],
  ["w", "network up or down", () => flip("network")],
  ["r", "reset", () => act("reset")],
  ["j", "to the next deadline", jump],
  [" ", "pause, go on", pause],
  ["+", "twice as fast", () => speed(2)],
  ["-", "half as fast", () => speed(0.5)],
  ["?", "this list", () => $("key-list").showModal()],
];

function pressKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !car) return;
  if (!$("letters").checked && event.key !== "?") return;
  const on = event.target;
  if (on.closest("dialog, select, input, a")) return;
  if (event.key === " " && on !== document.body) return; // it presses the button it is on
  const found = KEYS.find(([key]) => key === event.key.toLowerCase());
  if (!found) return;
  event.preventDefault();
  found[2]();
}

/** A card on its way to the reader, and back. */
function fly(card) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const from = card.getBoundingClientRect();
  const to = $("reader").getBoundingClientRect();
  const ghost = ghostOf(card, from);
  const away = `translate(${to.x + to.width / 2 - from.x - from.width / 2}px, ${to.y + to.height / 2 - from.y - from.height / 2}px) scale(0.6)`;
  ghost.animate([{ transform: "none" }, { transform: away }, { transform: away, opacity: 1 }, { transform: away, opacity: 0 }], FLIGHT_MS * 3)
    .finished.then(() => ghost.remove());
}

function ghostOf(card, box) {
  const ghost = make("div", undefined, `${card.className} ghost`);
  ghost.classList.remove("wanted");
  ghost.setAttribute("aria-hidden", "true");
  ghost.append(make("b", card.querySelector("b").firstChild.textContent)); // what is unseen stays so
  Object.assign(ghost.style, { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` });
  document.body.append(ghost);
  return ghost;
}

function drag(card, down) {
  if (down.button !== 0) return;
  const box = card.getBoundingClientRect();
  let ghost = null;
  card.setPointerCapture(down.pointerId);
  const overReader = (event) => {
    const reader = $("reader").getBoundingClientRect();
    return event.clientX > reader.left && event.clientX < reader.right && event.clientY > reader.top && event.clientY < reader.bottom;
  };
  const moved = (event) => {
    const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
    if (!ghost && Math.hypot(x, y) < DRAGGED_PX) return;
    ghost ??= ghostOf(card, box);
    ghost.style.transform = `translate(${x}px, ${y}px) scale(0.8)`;
    $("reader").classList.toggle("target", overReader(event));
  };
  const over = (event) => {
    card.removeEventListener("pointermove", moved);
    $("reader").classList.remove("target");
    if (!ghost) return;
    ghost.remove();
    card.dataset.dragged = "yes"; // the click that follows is none
    setTimeout(() => delete card.dataset.dragged);
    if (event.type === "pointerup" && overReader(event)) tap(card.dataset.card);
  };
  card.addEventListener("pointermove", moved);
  card.addEventListener("pointerup", over, { once: true });
  card.addEventListener("pointercancel", over, { once: true });
}

function click(event) {
  const on = event.target.closest("button, .door, .lid");
  if (!on || !car) return;
  const { card, open, toggle, gear, rate, door } = on.dataset;
  if (card && !on.dataset.dragged) tap(card);
  else if (on.dataset.do) act(on.dataset.do);
  else if (open || door) move(open ?? door);
  else if (toggle) flip(toggle);
  else if (gear) act(`gear ${gear}`);
  else if (rate) ask({ rate: Number(rate) });
  else if (on.id === "knob" || on.id === "key") flip(on.id);
  else if (on.id === "drive") act($("way").value);
  else if (on.id === "pause") pause();
  else if (on.id === "jump") jump();
  else if (on.id === "keys") $("key-list").showModal();
  else if (on.id === "keys-close") $("key-list").close();
  else if (on.id === "stick") stick();
}

const VALUES = { yes: (name) => `stuck ${name} yes`, no: (name) => `stuck ${name} no`, unknown: (name) => `unknown ${name}` };
const INPUTS = ["door_driver", "door_passenger", "door_rear_left", "door_rear_right", "trunk", "key", "knob", "engine", "moving", "brake", "gear", "lights", "window", "locked", "blocked"];

function stick() {
  act(VALUES[$("value").value]($("input").value));
}

export function prepareHands() {
  document.addEventListener("click", click);
  document.addEventListener("keydown", pressKey);
  for (const card of all("[data-card]")) card.addEventListener("pointerdown", (event) => drag(card, event));
  $("input").append(...INPUTS.map((name) => new Option(name.replaceAll("_", " "), name)));
  $("value").append(...Object.keys(VALUES).map((name) => new Option(name === "unknown" ? "unknown" : `stuck: ${name}`, name)));
  $("key-names").append(...KEYS.map(([key, does]) => {
    const row = make("div");
    const name = make("dt");
    name.append(make("kbd", key === " " ? "Space" : key.toUpperCase()));
    row.append(name, make("dd", does));
    return row;
  }));
  $("letters").checked = localStorage.getItem("letters") !== "off";
  $("letters").addEventListener("change", () => localStorage.setItem("letters", $("letters").checked ? "on" : "off"));
}
