// What the page knows. Only the chosen identity outlives it.

const KEY = "telegram-sim.identity";

export const store = {
  people: [],
  me: null,
  /** Chats by name, in the order of the list. */
  chats: new Map(),
  /** Name of the open chat and its topic (null is General, or a chat without topics). */
  open: null,
  thread: null,
  /** Messages by chat name, oldest first. */
  entries: new Map(),
  unread: new Map(),
  /** What a bot does right now: by chat, `{action, from, thread, until}`. */
  actions: new Map(),
  /** Streams of drafts: by `chat/draft_id`. */
  drafts: new Map(),
  connected: false,
};

export function remembered() {
  try { return Number(localStorage.getItem(KEY)) || null; } catch { return null; }
}

export function remember(id) {
  try { localStorage.setItem(KEY, String(id)); } catch { /* a private window forgets */ }
}

export const chat = () => store.chats.get(store.open) ?? null;
export const entries = (name) => store.entries.get(name) ?? [];

/** Whether a message belongs to the open topic. */
export function inThread(message) {
  const known = chat()?.topics ?? [];
  if (!known.length) return true;
  return (message.message_thread_id ?? null) === store.thread;
}

/** Adds or replaces a message. Returns whether it is new. */
export function put(name, entry) {
  const list = store.entries.get(name);
  const summary = store.chats.get(name);
  if (summary && (summary.last?.message.message_id ?? 0) <= entry.message.message_id) summary.last = entry;
  if (!list) return true;
  const id = entry.message.message_id;
  let at = list.length;
  while (at > 0 && list[at - 1].message.message_id > id) at -= 1;
  if (list[at - 1]?.message.message_id === id) {
    list[at - 1] = entry;
    return false;
  }
  list.splice(at, 0, entry);
  return true;
}

export function drop(name, id) {
  const list = store.entries.get(name);
  if (list) store.entries.set(name, list.filter((entry) => entry.message.message_id !== id));
  const summary = store.chats.get(name);
  if (summary?.last?.message.message_id === id) summary.last = store.entries.get(name)?.at(-1) ?? null;
}
