// The messages of the open chat: drawing them, following the newest, drafts and typing.

import { avatar, el, fullName, icon } from "./dom.js";
import { formatted } from "./format.js";
import { T, day } from "./i18n.js";
import { messageNode } from "./message.js";
import { chatAvatar, chatTitle, service } from "./sidebar.js";
import { chat, entries, inThread, store } from "./store.js";

const box = document.getElementById("timeline");
const toEnd = document.getElementById("to-end");

/** Closer to the end than this many pixels counts as at the end. */
const NEAR = 90;
const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
/** Whether the newest message is followed; scrolling up ends that. */
let pinned = true;

export function scrollToEnd(smooth = false) {
  pinned = true;
  toEnd.hidden = true;
  box.scrollTo({ top: box.scrollHeight, behavior: smooth ? "smooth" : "instant" });
}

const keepEnd = () => { if (pinned) scrollToEnd(); };

export function setUp() {
  box.setAttribute("aria-label", T.title);
  toEnd.setAttribute("aria-label", T.to_end);
  toEnd.append(icon("down"));
  toEnd.addEventListener("click", () => scrollToEnd(true));
  let height = 0;
  box.addEventListener("scroll", () => {
    // A change of the height moves the view too, but nobody scrolled.
    if (box.clientHeight === height) pinned = atEnd();
    height = box.clientHeight;
    toEnd.hidden = pinned || atEnd();
  }, { passive: true });
  new ResizeObserver(keepEnd).observe(box);
  box.addEventListener("load", keepEnd, true);
}

/** Draws everything. `fresh` is the id of a message that has just arrived; `follow` goes to the end in any case. */
export function render(acts, { fresh = null, follow = false } = {}) {
  const stay = !follow && !pinned;
  const top = box.scrollTop;
  const open = chat();
  if (!open) {
    box.replaceChildren(el("div", { class: "empty" }, icon("group"), T.pick_chat));
    return;
  }
  const shown = entries(open.chat).filter((entry) => inThread(entry.message));
  const live = [...draftNodes(open, acts), typingNode(open)].filter(Boolean);
  if (!shown.length && !live.length) {
    box.replaceChildren(intro(open, acts));
    toEnd.hidden = true;
    return;
  }
  const nodes = [];
  shown.forEach((entry, at) => {
    const { message } = entry;
    const before = shown[at - 1]?.message;
    const after = shown[at + 1]?.message;
    if (!before || day(before.date) !== day(message.date)) nodes.push(dayNode(message.date));
    nodes.push(drawn(entry, { first: !together(before, message), last: !together(message, after), fresh: message.message_id === fresh }, acts));
  });
  settle([...nodes, ...live]);
  if (stay) box.scrollTop = top;
  else scrollToEnd();
}

const days = new Map();

function dayNode(date) {
  const words = day(date);
  if (!days.has(words)) days.set(words, el("div", { class: "day" }, el("span", {}, words)));
  return days.get(words);
}

/** Messages that were drawn, with how; an edit makes a new entry. */
const cache = new WeakMap();

function drawn(entry, flags, acts) {
  const how = `${store.me.id} ${store.open} ${flags.first} ${flags.last}`;
  const known = cache.get(entry);
  if (known?.how === how) {
    known.node.classList.remove("fresh");
    return known.node;
  }
  const node = messageNode(entry, flags, acts);
  cache.set(entry, { how, node });
  return node;
}

/** Makes these the children, touching only what differs: focus and animations live on. */
function settle(nodes) {
  const wanted = new Set(nodes);
  for (const child of [...box.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (box.childNodes[at] !== node) box.insertBefore(node, box.childNodes[at] ?? null);
  });
}

/** Whether two neighbours are shown as one group: same author, at most five minutes apart. */
function together(a, b) {
  if (!a || !b || service(a) || service(b)) return false;
  return a.from?.id === b.from?.id && b.date - a.date < 300 && day(a.date) === day(b.date);
}

/** Scrolls to a message and lights it up. */
export function reveal(id) {
  const node = box.querySelector(`[data-message-id="${id}"]`);
  node?.scrollIntoView({ block: "center", behavior: "smooth" });
  const bubble = node?.querySelector(".bubble");
  bubble?.classList.remove("flash");
  requestAnimationFrame(() => bubble?.classList.add("flash"));
}

function intro(open, acts) {
  if (!open.bot) {
    const bots = open.members.map(({ user }) => user).filter((user) => user.is_bot);
    return el("div", { class: "empty", data: { testid: "empty-group" } }, chatAvatar(open), el("div", {}, T.no_messages),
      bots.map((bot) => el("div", {}, T.ask_in_group(bot.username))));
  }
  const { description } = open.bot;
  const start = el("button", { class: "primary", type: "button", data: { testid: "start-button" }, on: { click: () => acts.command("/start") } }, T.start);
  return el("div", { class: "intro" }, el("div", { class: "card" },
    chatAvatar(open), el("h2", {}, chatTitle(open)),
    description ? [el("strong", {}, T.what_can), el("p", {}, description)] : el("p", {}, `@${open.bot.username}`),
    start));
}

/** What is about to become a message. */
function draftNodes(open, acts) {
  return [...store.drafts.values()].filter((draft) => draft.chat === open.chat && inThread(draft)).map((draft) => {
    draft.node ??= el("article", { class: "message in first last draft fresh", data: { testid: "draft" } },
      el("div", { class: "body" }, el("div", { class: "bubble" }), el("div", { class: "inline", hidden: "" })));
    draft.node.querySelector(".inline").replaceChildren(...stopButton(draft, acts));
    paint(draft);
    return draft.node;
  });
}

function stopButton(draft, acts) {
  const row = draft.node.querySelector(".inline");
  row.hidden = !draft.can_stop;
  if (!draft.can_stop) return [];
  return [el("div", { class: "row" }, el("button", { class: "stop", type: "button", data: { testid: "draft-stop" }, on: { click: () => acts.stop(draft) } }, icon("stop"), T.stop))];
}

function paint(draft) {
  const bubble = draft.node.querySelector(".bubble");
  const { text } = draft;
  if (!text) {
    bubble.replaceChildren(el("span", { class: "thinking" }, T.thinking));
    return;
  }
  const entities = (draft.entities ?? []).filter((e) => e.offset < draft.shown)
    .map((e) => ({ ...e, length: Math.min(e.length, draft.shown - e.offset) }));
  bubble.replaceChildren(formatted(text.slice(0, draft.shown), entities));
}

let frame = 0;

/** Lets the text of every draft run on to what the bot has sent so far. */
export function animateDrafts() {
  cancelAnimationFrame(frame);
  const step = () => {
    let going = false;
    for (const draft of store.drafts.values()) {
      if (!draft.node || draft.shown >= draft.text.length) continue;
      const left = draft.text.length - draft.shown;
      draft.shown = Math.min(draft.text.length, draft.shown + Math.max(1, Math.ceil(left / 14)));
      paint(draft);
      going = true;
    }
    keepEnd();
    if (going) frame = requestAnimationFrame(step);
  };
  frame = requestAnimationFrame(step);
}

function typingNode(open) {
  const action = store.actions.get(open.chat);
  if (!action || !inThread(action) || [...store.drafts.values()].some((draft) => draft.chat === open.chat)) return null;
  const side = open.bot ? null : avatar(fullName(action.from), action.from.id, { size: "small", bot: true });
  return el("div", { class: "message in first last typing", "aria-label": T.is_typing(fullName(action.from)), data: { testid: "typing" } },
    side, el("div", { class: "body" }, el("div", { class: "bubble" }, el("i"), el("i"), el("i"))));
}
