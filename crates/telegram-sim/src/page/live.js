// What to do with each thing that happens.

import { notice } from "./overlays.js";
import { drop, inThread, put, store } from "./store.js";
import { animateDrafts } from "./timeline.js";

/** How long a chat action is shown, and a draft kept. */
const ACTION = 5000;
const DRAFT = 30000;

export function handle(event, page) {
  const known = event.chat === undefined || store.chats.has(event.chat);
  if (!known) return page.reload();
  const kinds = { message, edited, deleted, draft, draft_stopped: stopped, action, topics, blocked, callback_answer: answered, resync: () => page.reload(), profile: () => page.reload() };
  kinds[event.type]?.(event, page);
  return null;
}

const isOpen = (name) => store.open === name;

function message({ chat: name, entry }, page) {
  const { message: sent } = entry;
  const summary = store.chats.get(name);
  const begun = summary.begun;
  summary.begun = true;
  if (sent.from?.is_bot) {
    store.actions.delete(name);
    for (const [key, one] of store.drafts) {
      if (one.chat === name && (one.message_thread_id ?? null) === (sent.message_thread_id ?? null)) store.drafts.delete(key);
    }
  }
  if (entry.keyboard) summary.keyboard = entry.keyboard.keyboard ? entry.keyboard : null;
  else if (sent.from?.id === store.me.id && summary.keyboard?.one_time_keyboard) summary.keyboard = null;
  put(name, entry);
  const mine = sent.from?.id === store.me.id;
  const seen = isOpen(name) && inThread(sent) && document.visibilityState === "visible";
  if (!mine && !seen && begun) store.unread.set(name, (store.unread.get(name) ?? 0) + 1);
  if (sent.new_chat_members || sent.left_chat_member) return page.reload();
  if (isOpen(name)) page.draw({ fresh: sent.message_id, follow: mine });
  else page.drawList();
  return null;
}

function edited({ chat: name, entry }, page) {
  put(name, entry);
  if (isOpen(name)) page.draw();
  else page.drawList();
}

function deleted({ chat: name, message_id }, page) {
  drop(name, message_id);
  if (isOpen(name)) page.draw();
  else page.drawList();
}

function draft({ chat: name, draft: sent }, page) {
  const key = `${name}/${sent.draft_id}`;
  const now = store.drafts.get(key) ?? { shown: 0, node: null };
  // A text that was rewritten starts where it differs.
  let same = 0;
  while (same < now.shown && sent.text[same] === now.text?.[same]) same += 1;
  clearTimeout(now.timer);
  Object.assign(now, sent, { chat: name, shown: Math.min(now.shown, same) });
  now.timer = setTimeout(() => { if (store.drafts.delete(key)) page.draw(); }, DRAFT);
  store.drafts.set(key, now);
  store.actions.delete(name);
  if (isOpen(name)) {
    if (!now.node?.isConnected) page.draw();
    else page.drawHead();
    animateDrafts();
  }
}

/** What was shown stays, without its button, for as long as it would have; or it goes. */
function stopped({ chat: name, draft: { draft_id: id, kept } }, page) {
  const key = `${name}/${id}`;
  const now = store.drafts.get(key);
  if (!now) return;
  if (kept) now.can_stop = false;
  else store.drafts.delete(key);
  if (isOpen(name)) page.draw();
}

function action({ chat: name, action: sent }, page) {
  clearTimeout(store.actions.get(name)?.timer);
  const end = () => { store.actions.delete(name); refresh(); };
  const refresh = () => { if (isOpen(name)) page.draw(); else page.drawList(); };
  if (sent.action === "cancel") return end();
  store.actions.set(name, { ...sent, timer: setTimeout(end, ACTION) });
  refresh();
  return null;
}

function topics({ chat: name, topic, deleted: gone }, page) {
  const summary = store.chats.get(name);
  const others = (summary.topics ?? []).filter((one) => one.id !== (topic?.id ?? gone));
  summary.topics = topic ? [...others, topic].sort((a, b) => a.id - b.id) : others;
  if (store.thread === gone) store.thread = null;
  if (isOpen(name)) page.draw();
}

function blocked({ chat: name, blocked: is }, page) {
  store.chats.get(name).blocked = is;
  if (isOpen(name)) page.draw();
}

function answered({ answer }, page) {
  for (const button of document.querySelectorAll(".inline .waiting")) button.classList.remove("waiting");
  if (answer.text) (answer.show_alert ? page.alertBox : notice)(answer.text);
}
