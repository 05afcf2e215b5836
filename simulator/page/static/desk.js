// The desk page: what the feed tells is shown, what hands do is asked for.

import { $, make, text } from "./elements.js";
import { get, listen } from "./feed.js";
import { prepareHands, see } from "./hands.js";
import { showLamps } from "./lamp.js";
import { clearLog, log, prepareLog, say } from "./log.js";
import { prepareSound, sound } from "./sound.js";
import { nameDriver, showCar, showTime } from "./show.js";
import { hearStory, prepareStory, showStory } from "./story.js";

//: What changes by waiting alone is shown so often: a third of the quickest blink, and the processor rests between.
const PICTURE_MS = 50;
let car = null;

const hear = {
  hello() {
    clearLog();
    text($("banner"), "");
  },
  feed({ is_there: isThere }) {
    text($("banner"), isThere ? "" : "The car’s process is gone; it is waited for.");
    document.body.dataset.feed = isThere ? "there" : "gone";
    if (isThere) showPeople();
  },
  gone() {
    text($("banner"), "The page’s server is gone; it is waited for. If you ended make run, start it again.");
    document.body.dataset.feed = "gone";
  },
  story: hearStory,
  car(seen) {
    car = seen;
    see(car);
    showCar(car);
    showLamps(car);
    showStory(car);
    sound(car.light);
  },
  told(line) {
    log(line);
    if (line.kind === "refused") say(line.text, true);
    else if (line.kind === "acted") say(line.text.replace(/^you: /, ""));
  },
};

async function showPeople() {
  const people = await get("/people");
  if (!people.driver) return text($("site"), "");
  nameDriver(people.name);
  const link = make("a", "the phone site");
  link.href = people.phones;
  link.target = "_blank";
  link.rel = "noreferrer";
  $("site").replaceChildren("Or really, on ", link, `: ${people.driver}, password ${people.password}`);
}

function picture() {
  if (car) {
    showLamps(car);
    showTime(car);
  }
  setTimeout(() => requestAnimationFrame(picture), PICTURE_MS);
}

/** A line from the reader to its place in the windscreen. */
function lead() {
  const scene = $("scene").getBoundingClientRect();
  const reader = $("reader").getBoundingClientRect();
  const eye = $("eye").getBoundingClientRect();
  const from = [reader.right - scene.left, reader.top + reader.height / 2 - scene.top];
  const to = [eye.left + eye.width / 2 - scene.left, eye.top + eye.height / 2 - scene.top];
  $("lead").setAttribute("d", `M${from}L${to}`);
}

new ResizeObserver(lead).observe($("scene"));
prepareHands();
prepareLog();
prepareSound();
prepareStory();
listen(hear);
requestAnimationFrame(picture);
