// Talks to the simulator.

export class Failed extends Error {}

async function request(method, path, body) {
  const init = { method };
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  let answer;
  try {
    answer = await fetch(`sim/${path}`, init);
  } catch (error) {
    throw new Failed(String(error.message ?? error));
  }
  const text = await answer.text();
  let value = {};
  try { value = text ? JSON.parse(text) : {}; } catch { value = { error: text }; }
  if (!answer.ok) throw new Failed(value.error ?? `${answer.status}`);
  return value;
}

const query = (params) => new URLSearchParams(Object.entries(params).filter(([, v]) => v !== undefined && v !== null)).toString();

export const get = (path, params = {}) => request("GET", `${path}?${query(params)}`);
export const post = (path, body) => request("POST", path, body);
export const fileUrl = (id) => `sim/files/${encodeURIComponent(id)}`;

/** Calls `on(event)` for everything the person sees happen, and `state(connected)`. Returns a function that stops. */
export function watch(person, on, state) {
  let [source, stopped, timer] = [null, false, 0];
  const open = () => {
    if (stopped) return;
    source = new EventSource(`sim/live?${query({ person })}`);
    source.onmessage = (message) => on(JSON.parse(message.data));
    source.onopen = () => state(true);
    source.onerror = () => {
      state(false);
      // A refused stream is not tried again by the browser itself.
      if (source.readyState !== EventSource.CLOSED) return;
      on({ type: "resync" });
      timer = setTimeout(open, 1000);
    };
  };
  open();
  return () => { stopped = true; clearTimeout(timer); source?.close(); };
}
