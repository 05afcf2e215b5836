// What to do next, in one sentence, and the control that does it.

import { span } from "./elements.js";

const CARD = '[data-card="own"]';

/** [sentence, selector of the control or ""] */
export function advise(car, now_s) {
  if (!car.has_power) return ["The box has no power. Nothing opens, nothing locks.", '[data-power="on"]'];
  if (car.box === "hangs") return ["The program hangs; the watchdog resets it in a few seconds.", ""];
  if (car.box !== "runs") return ["The box starts …", ""];
  if (car.lamp === "green-yellow-blink") return ["The reader waits for the card that is to be registered.", '[data-card="unknown"]'];
  return (BY_STATE[car.state] ?? (() => ["", ""]))(car, now_s);
}

const BY_STATE = {
  vacant(car, now_s) {
    if (!car.body.is_locked) {
      return car.body.open_doors.length
        ? ["Nobody uses the car, and it is open: close the doors.", '[data-do="close all"]']
        : ["Nobody uses the car, and it is unlocked: a staff card locks it.", '[data-card="staff"]'];
    }
    if (car.lamp !== "dark") {
      return car.lamp === "refused"
        ? ["The car refuses that card.", ""]
        : ["The reader blinks: touch it with your card, and the car opens.", CARD];
    }
    const start = car.deadlines.find((one) => one.what.endsWith("a start is possible"));
    if (start && car.body.has_reader) {
      const left = span(start.at_ms / 1000 - now_s);
      return [`The reader is dark: too early. It begins to blink in ${left}.`, "#jump"];
    }
    if (car.bookings.some((one) => one.status === "booked" && one.ends_s > now_s)) {
      return ["The reader is dark: the time for the card is over. The phone still starts.", '[data-do="site start"]'];
    }
    return ["Nobody has booked the car; the reader is dark.", ""];
  },
  authorising: () => ["The car asks the centre …", ""],
  unlocked: () => ["The doors are unlocked. Open the driver’s door.", '[data-open="driver"]'],
  boarding(car) {
    if (car.body.knob === "return") return ["Get in. Turn the knob of the key box to rent …", "#knob"];
    return ["… and take the key.", "#key"];
  },
  in_use(car) {
    const body = car.body;
    if (body.is_moving) return ["You are driving.", ""];
    if (body.open_doors.length) return ["The car is yours. Close the doors.", '[data-do="close all"]'];
    if (!body.engine_is_on) return ["The car is yours: drive, or put the key back to end.", "#drive"];
    if (body.brake_is_on) return ["The engine runs. Release the brake, gear D, drive.", '[data-toggle="brake"]'];
    return ["Drive; then come back, and put the key into its box.", "#drive"];
  },
  key_returned(car) {
    const lacks = lacking(car.body);
    if (lacks) return [`To end: ${lacks[0]}.`, lacks[1]];
    if (car.lamp === "dark") return ["Wait a moment for the reader …", ""];
    return ["All is in order: touch the reader with your card to end.", CARD];
  },
  ending: () => ["The car locks up …", ""],
  ended(car) {
    const text = car.lamp === "dark" ? "The rental is over." : "The rental is over. Forgot something? Your card opens the doors once more.";
    return [text, ""];
  },
  reopened(car) {
    if (car.body.open_doors.length) return ["Take what you forgot, and close the doors.", '[data-do="close all"]'];
    return ["Open a door; when all are closed, touch the reader again to lock.", ""];
  },
  relocked: wayOut,
  secured: wayOut,
  maintenance: () => ["A technician has the car.", ""],
};

/** START-6, START-7, USE-2: what it says stands with the refusals. */
function wayOut(car) {
  return [car.locked_itself, car.offers.includes("reunlock") ? '[data-do="site reunlock"]' : '[data-do="site end"]'];
}

function lacking(body) {
  if (body.engine_is_on) return ["switch the engine off", '[data-toggle="engine"]'];
  if (body.gear !== "P") return ["put the gear to P", '[data-gear="P"]'];
  if (!body.brake_is_on) return ["put the parking brake on", '[data-toggle="brake"]'];
  if (!body.key_is_in) return ["put the key into its box", "#key"];
  if (body.knob === "rent") return ["turn the knob to return", "#knob"];
  if (body.open_doors.length) return ["close the doors", '[data-do="close all"]'];
  return null;
}
