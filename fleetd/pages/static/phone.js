// Follows the car while a page is open, and keeps a button from being tapped twice. Everything
// works without this file as well.
"use strict";

(() => {
  const SLOWEST_MS = 30000;
  const said = document.getElementById("said");
  const offline = document.getElementById("offline");
  let failures = 0;

  const live = () => document.getElementById("live");

  const address = () => {
    const here = new URL(location.href);
    here.searchParams.delete("done");
    here.searchParams.set("live", "1");
    return here;
  };

  const put = (text) => {
    const found = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    const old = live();
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const say = found.dataset.say;
    const isNews = say !== old.dataset.say;
    old.querySelectorAll("details[open]").forEach((one) => {
      const same = found.querySelector(`#${one.id}`);
      if (same) same.open = true;
    });
    old.replaceWith(document.adoptNode(found));
    if (focused) {
      const again = document.getElementById(focused) || live().querySelector("a, button, summary");
      if (again) again.focus({ preventScroll: true });
    }
    if (isNews) said.textContent = say;
  };

  const show = (isOffline) => {
    offline.textContent = isOffline ? offline.dataset.text : "";
    offline.hidden = !isOffline;
  };

  const look = async () => {
    const known = { "If-None-Match": `"${live().dataset.version}"` };
    const answer = await fetch(address(), {
      cache: "no-store", credentials: "same-origin", headers: known, signal: AbortSignal.timeout(10000),
    });
    if (answer.redirected) {
      location.reload();
      return;
    }
    if (answer.ok) put(await answer.text());
    else if (answer.status !== 304) throw new Error(String(answer.status));
  };

  const follow = async () => {
    if (!document.hidden) {
      try {
        await look();
        failures = 0;
      } catch {
        failures += 1;
      }
      show(failures > 1);
    }
    const every = Number(live().dataset.every);
    setTimeout(follow, Math.min(every * 2 ** Math.min(failures, 5), SLOWEST_MS));
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && live()) look().catch(() => {});
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  });

  // Back to a page that the browser kept: its form may be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-busy"));
    });
  });

  if (live()) setTimeout(follow, Number(live().dataset.every));
})();
