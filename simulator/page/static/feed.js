// The page's end of the feed: events in, requests out, and the simulated time between them.

let course = { simulated_s: 0, rate: 0, at_ms: 0 };

/** Seconds since 1970 as the simulation has them now. */
export function nowS() {
  return course.simulated_s + (course.rate * (performance.now() - course.at_ms)) / 1000;
}

/** Simulated seconds a second. */
export function rate() {
  return course.rate;
}

/** Listen for ever; the browser connects again by itself. */
export function listen(hear) {
  const events = new EventSource("/events");
  for (const kind of ["hello", "feed", "clock", "story", "car", "told"]) {
    events.addEventListener(kind, (event) => {
      const data = JSON.parse(event.data);
      if (kind === "clock") course = { ...data, at_ms: performance.now() };
      hear[kind]?.(data);
    });
  }
  events.onerror = () => {
    course = { simulated_s: nowS(), rate: 0, at_ms: performance.now() };
    hear.gone();
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(hear), 1000);
    }
  };
}

/** Ask for something; "" when it was done, else a sentence. */
export async function post(path, request) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (answer.ok) return "";
    const text = await answer.text();
    try {
      return JSON.parse(text).error;
    } catch {
      return text.trim();
    }
  } catch {
    return "The page's server is not there just now.";
  }
}

/** What the server knows beside the feed; {} when it does not answer. */
export async function get(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : {};
  } catch {
    return {};
  }
}
