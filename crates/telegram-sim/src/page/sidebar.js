// The list of chats, and who you are.

import { avatar, el, fullName, icon, iconButton } from "./dom.js";
import { T, moment } from "./i18n.js";
import { closeMenu, item, menu, newGroup, newPerson, personEntry } from "./overlays.js";
import { entries, store } from "./store.js";

const MOST = 200;

/** A line that says what a message is about. */
export function summary(message) {
  if (message.text) return message.text;
  if (message.caption) return message.caption;
  if (message.photo) return T.photo;
  if (message.document) return message.document.file_name;
  if (message.contact) return `${T.contact}: ${message.contact.first_name}`;
  if (message.location) return T.location;
  return service(message) ?? "";
}

/** What a service message says, or null for an ordinary one. */
export function service(message) {
  const names = (users) => users.map(fullName).join(", ");
  if (message.new_chat_members) return T.joined(names(message.new_chat_members));
  if (message.left_chat_member) return T.left_group(fullName(message.left_chat_member));
  if (message.forum_topic_created) return T.topic_created(message.forum_topic_created.name);
  if (message.forum_topic_edited) return T.topic_renamed(message.forum_topic_edited.name);
  if (message.forum_topic_closed) return T.topic_was_closed;
  if (message.forum_topic_reopened) return T.topic_reopened;
  return null;
}

export const chatTitle = (chat) => (chat.bot ? fullName(chat.bot.user) : chat.view.title ?? chat.chat);
export const chatAvatar = (chat, options = {}) =>
  avatar(chatTitle(chat), chat.view.id, { bot: Boolean(chat.bot), group: !chat.bot, ...options });

export function renderIdentity({ choose, addPerson, addGroup }) {
  const head = document.getElementById("identity");
  const { me } = store;
  const open = () => {
    const people = store.people.slice(0, MOST).map((person) => personEntry(person, person.id === me?.id, choose));
    const add = item("plus", T.add_person, () => newPerson(addPerson), { testid: "add-person" });
    menu(button, [...people, el("hr"), add], { label: T.choose_identity, testid: "identity-menu" });
  };
  const button = el("button", { class: "identity", type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `${T.you_are} ${me ? fullName(me) : "?"}. ${T.choose_identity}`, data: { testid: "identity-picker" }, on: { click: open } },
    me ? avatar(fullName(me), me.id, { size: "small" }) : icon("person"),
    el("span", { class: "who" }, el("span", { class: "label" }, T.you_are), el("span", { class: "name", data: { testid: "identity-name" } }, me ? fullName(me) : "?")),
    icon("down"));
  const bots = [...store.chats.values()].filter((chat) => chat.bot).map((chat) => chat.bot);
  const group = iconButton("group", T.new_group, "new-group-button", () => { closeMenu(); newGroup(bots, addGroup); });
  group.disabled = !me;
  head.replaceChildren(button, group);
}

export function renderChats(open) {
  const list = document.getElementById("chats");
  const held = document.activeElement?.closest?.(".chat-item")?.dataset.chat;
  const when = (chat) => chat.last?.message.date ?? 0;
  const chats = [...store.chats.values()];
  const section = (title, some) => some.length
    ? [el("h2", {}, title), ...some.sort((a, b) => when(b) - when(a)).map((chat) => row(chat, open))]
    : [];
  list.setAttribute("aria-label", T.title);
  list.replaceChildren(
    ...section(T.private_chats, chats.filter((chat) => chat.bot)),
    ...section(T.groups, chats.filter((chat) => !chat.bot)),
  );
  if (held) list.querySelector(`[data-chat="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

/** Whether another bot has the same title: then only the username tells which is which. */
const hasNamesake = (chat) => [...store.chats.values()].some((one) => one !== chat && one.bot && chatTitle(one) === chatTitle(chat));

function row(chat, open) {
  const unread = store.unread.get(chat.chat) ?? 0;
  const current = store.open === chat.chat;
  return el("button", { class: "chat-item", type: "button", "aria-current": String(current), data: { testid: "chat-item", chat: chat.chat }, on: { click: () => open(chat.chat) } },
    chatAvatar(chat),
    el("span", {},
      el("span", { class: "line" },
        el("span", { class: "title" }, chatTitle(chat), " ", chat.bot ? el("span", { class: "tag" }, hasNamesake(chat) ? `@${chat.bot.username}` : T.bot) : null),
        chat.last ? el("time", {}, moment(chat.last.message.date)) : null),
      el("span", { class: "line" },
        preview(chat),
        unread ? el("span", { class: "badge", data: { testid: "unread" }, "aria-label": T.unread(unread) }, String(unread)) : null)));
}

function preview(chat) {
  const action = store.actions.get(chat.chat);
  if (action) return el("span", { class: "preview live" }, chat.bot ? actionText(action.action) : T.is_typing(fullName(action.from)));
  const message = (entries(chat.chat).at(-1) ?? chat.last)?.message;
  if (!message) return el("span", { class: "preview" }, chat.bot?.short_description || T.no_messages);
  const mine = message.from?.id === store.me?.id;
  const author = service(message) ? null : mine ? T.you : chat.bot ? null : message.from?.first_name;
  return el("span", { class: "preview" }, author ? el("b", {}, `${author}: `) : null, summary(message).slice(0, 120));
}

export function actionText(action) {
  if (action === "upload_photo") return T.sending_photo;
  if (action === "upload_document") return T.sending_file;
  return T.typing;
}

export function renderFoot() {
  const foot = document.getElementById("foot");
  foot.replaceChildren(
    el("span", { class: `dot ${store.connected ? "" : "off"}` }),
    el("span", { data: { testid: "connection" } }, store.connected ? T.connected : T.lost));
}
