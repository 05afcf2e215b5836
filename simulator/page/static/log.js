// What was told, the newest first.

import { $, make, text } from "./elements.js";

const LINES_MAX = 300;
//: Beginnings of noted lines that are worth a line of the short log.
const WORTH = ["event ", "mail ", "power ", "reset", "network ", "warning ", "reader dead", "reader alive", "clock ", "input "];

export function clearLog() {
  $("log").replaceChildren();
}

export function log(told) {
  const isDetail = told.kind === "noted" && !WORTH.some((one) => told.text.startsWith(one));
  const item = make("li", undefined, isDetail ? "detail" : "");
  const said = told.kind === "noted" ? told.text.replace(/^event /, "").replaceAll("_", " ") : told.text;
  const kind = told.text.startsWith("event ") ? `${told.kind} box` : told.kind;
  item.append(make("time", told.at), make("span", said, kind));
  $("log").prepend(item);
  while ($("log").childElementCount > LINES_MAX) $("log").lastElementChild.remove();
}

/** The line below the hint: what came of what was asked last. */
export function say(sentence, isRefusal = false) {
  text($("said"), sentence);
  $("said").classList.toggle("refused", isRefusal);
}

export function prepareLog() {
  const brief = () => $("log").classList.toggle("brief", !$("detail").checked);
  $("detail").addEventListener("change", brief);
  brief();
}
