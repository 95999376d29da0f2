// Puts the page together: loads, listens, draws.

import * as api from "./api.js";
import * as composer from "./composer.js";
import { el } from "./dom.js";
import { renderHead, renderTopics } from "./header.js";
import { T } from "./i18n.js";
import { handle } from "./live.js";
import { alertBox, item, menu, notice } from "./overlays.js";
import { chatTitle, renderChats, renderFoot, renderIdentity } from "./sidebar.js";
import { chat, entries, remember, remembered, store } from "./store.js";
import * as timeline from "./timeline.js";

const frame = document.getElementById("app");
const FACES = ["👍", "❤", "🔥", "🎉", "😁", "🤔"];
let stop = () => {};

/** Does something, and says so when it fails. Returns whether it worked. */
async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    notice(`${T.failed}: ${error.message}`, true);
    return false;
  }
}

const here = () => ({ person: store.me.id, chat: store.open });

const acts = {
  back: () => { frame.dataset.view = "list"; store.open = null; draw(); },
  block: (blocked) => attempt(() => api.post("blocks", { ...here(), blocked })),
  leave: () => attempt(async () => {
    await api.post("members", { chat: Number(store.open), person: store.me.id, status: "left" });
    acts.back();
    await loadChats();
  }),
  command: (text) => acts.send({ text }),
  async send({ text, file, reply_to }) {
    const place = { ...here(), thread: store.thread, reply_to };
    return attempt(async () => {
      if (!file) return api.post("messages", { ...place, text });
      const form = new FormData();
      for (const [name, value] of Object.entries(place)) if (value !== null && value !== undefined) form.append(name, value);
      if (text.trim()) form.append("caption", text);
      form.append("file", file);
      return api.post("files", form);
    });
  },
  edit: (message_id, text) => attempt(() => api.post("edits", { ...here(), message_id, text })),
  editLast() {
    const last = entries(store.open).findLast(({ message }) => message.from?.id === store.me.id && (message.text ?? message.caption));
    if (last) { composer.setContext("edit", last); drawComposer(); composer.focus(); }
  },
  contact: () => attempt(() => {
    const phone_number = `+7999${String(store.me.id).slice(-7).padStart(7, "0")}`;
    return api.post("messages", { ...here(), contact: { phone_number, first_name: store.me.first_name, last_name: store.me.last_name, user_id: store.me.id } });
  }),
  location: () => attempt(() => api.post("messages", { ...here(), location: { latitude: 56.83892, longitude: 60.6057 } })),
  async press(entry, data, button) {
    button.classList.add("waiting");
    setTimeout(() => button.classList.remove("waiting"), 10000);
    const worked = await attempt(() => api.post("presses", { ...here(), message_id: entry.message.message_id, data }));
    if (!worked) button.classList.remove("waiting");
  },
  /** A start link of a bot that is here opens its chat and begins it there, as Telegram does; false for any other link. */
  startLink(url) {
    const [, name, start] = /^https:\/\/t\.me\/(\w+)\?start=([\w-]+)$/.exec(url) ?? [];
    const found = name && [...store.chats.values()].find((one) => one.bot?.username.toLowerCase() === name.toLowerCase());
    if (!found) return false;
    openChat(found.chat).then(() => acts.send({ text: `/start ${start}` }));
    return true;
  },
  stop: (draft) => attempt(() => api.post("stops", { ...here(), draft_id: draft.draft_id })),
  react(entry, emoji) {
    const mine = (entry.reactions?.[store.me.id] ?? []).some((reaction) => reaction.emoji === emoji);
    return attempt(() => api.post("reactions", { ...here(), message_id: entry.message.message_id, emoji: mine ? [] : [emoji] }));
  },
  reveal: timeline.reveal,
  refresh: () => drawComposer(),
  menu(entry, anchor, at = null) {
    const { message } = entry;
    const mine = message.from?.id === store.me.id;
    const text = message.text ?? message.caption;
    const chosen = new Set((entry.reactions?.[store.me.id] ?? []).map((reaction) => reaction.emoji));
    const face = (emoji) => el("button", { class: chosen.has(emoji) ? "mine" : "", type: "button", "aria-label": `${T.react} ${emoji}`, data: { testid: "react", emoji }, on: { click: () => { shown?.remove(); acts.react(entry, emoji); } } }, emoji);
    const begin = (kind) => { composer.setContext(kind, entry); drawComposer(); composer.focus(); };
    const shown = menu(anchor, [
      el("div", { class: "faces" }, FACES.map(face)),
      item("reply", T.reply, () => begin("reply"), { testid: "menu-reply" }),
      mine && text ? item("edit", T.edit, () => begin("edit"), { testid: "menu-edit" }) : null,
      text ? item("copy", T.copy, () => navigator.clipboard?.writeText(text).then(() => notice(T.copied)), { testid: "menu-copy" }) : null,
    ].filter(Boolean), { at, label: T.message_menu, testid: "message-actions" });
  },
};

function drawComposer() { composer.render(acts); }

function drawList() {
  renderChats(openChat);
  const unread = [...store.unread.values()].reduce((sum, n) => sum + n, 0);
  const open = chat();
  document.title = `${unread ? `(${unread}) ` : ""}${open ? chatTitle(open) : T.title}`;
}

function draw(options) {
  renderIdentity({ choose: (person) => become(person.id), addPerson, addGroup });
  drawList();
  renderFoot();
  renderHead(acts);
  renderTopics((thread) => { store.thread = thread; draw({ follow: true }); });
  // The composer first: its height decides how much of the messages is seen.
  drawComposer();
  timeline.render(acts, options);
}

async function addPerson(person) {
  const added = await api.post("people", person);
  store.people.push(added);
  await become(added.id);
}

async function addGroup({ title, topics, bots }) {
  const others = store.people.filter((person) => person.id !== store.me.id).map((person) => person.id);
  const kind = topics ? "supergroup" : "group";
  const made = await api.post("chats", { title, kind, topics, bots, people: [store.me.id, ...others.slice(0, 200)] });
  await loadChats();
  await openChat(made.chat);
}

async function loadChats() {
  const list = await api.get("chats", { person: store.me.id });
  store.chats = new Map(list.map((one) => [one.chat, one]));
  drawList();
}

async function loadHistory(name) {
  const history = await api.get("history", { person: store.me.id, chat: name });
  store.entries.set(name, history.entries);
  const summary = store.chats.get(name);
  if (summary) Object.assign(summary, { keyboard: history.keyboard, blocked: history.blocked, topics: history.topics, last: history.entries.at(-1) ?? summary.last });
}

async function openChat(name) {
  Object.assign(store, { open: name, thread: null });
  store.unread.delete(name);
  frame.dataset.view = "chat";
  await attempt(async () => { await loadHistory(name); });
  if (store.open !== name) return;
  draw({ follow: true });
  composer.focus();
}

/** Whoever speaks the language of the page, so that the bot answers in it. */
const anybody = () => store.people.find((person) => person.language_code === document.documentElement.lang) ?? store.people[0];

/** Everything anew: at the start, for another identity, after a gap. */
async function reload() {
  store.entries.clear();
  store.people = await api.get("people");
  // After a restart this person may be gone.
  if (!store.people.some((person) => person.id === store.me.id)) {
    if (store.people.length) await become(anybody().id);
    return;
  }
  await loadChats();
  if (store.open && store.chats.has(store.open)) await loadHistory(store.open);
  draw();
}

async function become(id) {
  stop();
  const me = store.people.find((person) => person.id === id);
  if (!me) return;
  remember(id);
  Object.assign(store, { me, open: null, thread: null, chats: new Map(), connected: false });
  for (const map of [store.entries, store.unread, store.actions, store.drafts]) map.clear();
  frame.dataset.view = "list";
  await attempt(loadChats);
  draw();
  let lost = false;
  stop = api.watch(id, (event) => handle(event, { draw, drawList, drawHead: () => renderHead(acts), reload: () => attempt(reload), acts, alertBox }), (connected) => {
    store.connected = connected;
    renderFoot();
    if (connected && lost) attempt(reload);
    lost = !connected;
  });
  const wide = matchMedia("(min-width: 761px)").matches;
  const [first] = store.chats.keys();
  if (wide && first) await openChat(first);
}

function dropFiles() {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) { composer.attach(file); drawComposer(); }
  });
}

async function begin() {
  timeline.setUp();
  dropFiles();
  await attempt(async () => {
    store.people = await api.get("people");
    const id = remembered();
    const first = store.people.find((person) => person.id === id) ?? anybody();
    if (first) await become(first.id);
    else { draw(); notice(T.no_people); }
  });
  frame.dataset.ready = "true";
}

begin();
