// One message as an element.

import { avatar, el, fullName, hue, icon, iconButton } from "./dom.js";
import { fileUrl } from "./api.js";
import { formatted, safe } from "./format.js";
import { T, full, size, time } from "./i18n.js";
import { confirmLink, lightbox, notice } from "./overlays.js";
import { service, summary } from "./sidebar.js";
import { chat, store } from "./store.js";

/** `first` and `last` say where it stands among messages of one author. `acts` is what can be done with it. */
export function messageNode(entry, { first, last, fresh }, acts) {
  const { message } = entry;
  const note = service(message);
  if (note) return el("div", { class: "service", data: { testid: "service-message", messageId: message.message_id } }, el("span", {}, note));
  const mine = message.from?.id === store.me?.id;
  const group = !chat()?.bot;
  const more = iconButton("more", T.message_menu, "message-menu", () => acts.menu(entry, more));
  more.classList.add("more");
  more.setAttribute("aria-haspopup", "menu");
  const side = group && !mine ? el("span", { class: "gap" }) : null;
  const face = side && last ? avatar(fullName(message.from), message.from.id, { size: "small", bot: message.from.is_bot }) : null;
  const said = bubble(entry, { mine, group, first }, acts);
  const body = el("div", { class: "body" },
    face ? el("div", { class: "beside" }, said, face) : said,
    inlineKeyboard(entry, acts),
    reactions(entry, acts));
  const author = mine ? "me" : message.from?.is_bot ? "bot" : "other";
  const held = (event) => {
    if (event.target.closest("a, button, img") || !event.target.closest(".body")) return;
    event.preventDefault();
    acts.menu(entry, null, { x: event.clientX, y: event.clientY });
  };
  const classes = ["message", mine ? "out" : "in", first && "first", last && "last", fresh && "fresh"].filter(Boolean).join(" ");
  return el("article", { class: classes, "aria-label": `${mine ? T.you : fullName(message.from ?? { first_name: "" })}, ${time(message.date)}`,
    data: { testid: "message", messageId: message.message_id, author }, on: { contextmenu: held, ...longTouch(held) } },
  mine ? [more, body] : [side, body, more]);
}

/** A long touch, where the browser makes no `contextmenu` of it. */
function longTouch(run) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  return {
    pointerdown: (event) => {
      stop();
      if (event.pointerType === "touch") timer = setTimeout(() => run(event), 550);
    },
    pointermove: stop, pointerup: stop, pointercancel: stop,
  };
}

function bubble({ message }, { mine, group, first }, acts) {
  const replied = message.reply_to_message;
  const text = message.text ?? message.caption;
  const entities = message.text !== undefined ? message.entities : message.caption_entities;
  const meta = el("span", { class: "meta" },
    message.edit_date ? el("span", { data: { testid: "edited" } }, T.edited) : null,
    el("time", { title: full(message.date), datetime: new Date(message.date * 1000).toISOString() }, time(message.date)),
    mine ? icon("check") : null);
  const content = text ? formatted(text, entities, acts.command) : null;
  // Inside the text the time stands in its last line, if there is room.
  content?.append(meta);
  return el("div", { class: message.photo ? "bubble pictured" : "bubble" },
    group && !mine && first ? el("span", { class: `author ${hue(message.from.id, message.from.is_bot)}` }, fullName(message.from)) : null,
    replied ? quote(fullName(replied.from ?? { first_name: "" }), summary(replied), () => acts.reveal(replied.message_id)) : null,
    photo(message),
    file(message),
    card(message),
    content ?? meta);
}

export function quote(name, text, run) {
  const inside = [el("b", {}, name), el("span", {}, text)];
  return run
    ? el("button", { class: "quote", type: "button", on: { click: run } }, inside)
    : el("div", { class: "quote" }, inside);
}

function photo(message) {
  const largest = message.photo?.at(-1);
  if (!largest) return null;
  const url = fileUrl(largest.file_id);
  const image = el("img", { src: url, alt: message.caption ?? T.photo, width: largest.width, height: largest.height, loading: "lazy" });
  return el("button", { class: "photo", type: "button", "aria-label": T.photo, data: { testid: "photo" }, on: { click: () => lightbox(url, T.photo) } }, image);
}

function file(message) {
  const { document: doc } = message;
  if (!doc) return null;
  return el("a", { class: "file", href: fileUrl(doc.file_id), download: doc.file_name, "aria-label": `${T.download}: ${doc.file_name}`, data: { testid: "document" } },
    el("span", { class: "disc" }, icon("file")),
    el("span", {}, el("b", {}, doc.file_name), el("small", {}, size(doc.file_size))));
}

function card(message) {
  const { contact, location } = message;
  if (contact) {
    const name = fullName(contact);
    return el("span", { class: "file", data: { testid: "contact" } }, el("span", { class: "disc" }, icon("person")), el("span", {}, el("b", {}, name), el("small", {}, contact.phone_number)));
  }
  if (location) {
    const place = `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`;
    return el("span", { class: "file", data: { testid: "location" } }, el("span", { class: "disc" }, icon("pin")), el("span", {}, el("b", {}, T.location), el("small", {}, place)));
  }
  return null;
}

function inlineKeyboard(entry, acts) {
  const rows = entry.message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div", { class: "inline", data: { testid: "inline-keyboard" } },
    rows.map((row) => el("div", { class: "row" }, row.map((button) => inlineButton(entry, button, acts)))));
}

function inlineButton(entry, button, acts) {
  const style = ["primary", "success", "danger"].includes(button.style) ? `style-${button.style}` : "";
  const corner = button.url || button.web_app ? "↗" : button.copy_text ? "⧉" : null;
  const run = () => {
    if (button.callback_data !== undefined) acts.press(entry, button.callback_data, node);
    else if (button.copy_text) navigator.clipboard?.writeText(button.copy_text.text).then(() => notice(T.copied));
    else if (button.url && acts.startLink(button.url)) return;
    else if (safe(button.url ?? button.web_app?.url)) confirmLink(button.url ?? button.web_app.url);
  };
  const data = { testid: "inline-button" };
  if (button.callback_data !== undefined) data.callback = button.callback_data;
  const node = el("button", { class: style, type: "button", data, on: { click: run } }, button.text, corner ? el("span", { class: "corner", "aria-hidden": "true" }, corner) : null);
  return node;
}

function reactions(entry, acts) {
  const counts = new Map();
  for (const [user, list] of Object.entries(entry.reactions ?? {})) {
    for (const { emoji } of list) {
      const seen = counts.get(emoji) ?? { count: 0, mine: false };
      counts.set(emoji, { count: seen.count + 1, mine: seen.mine || Number(user) === store.me?.id });
    }
  }
  if (!counts.size) return null;
  return el("div", { class: "reactions" }, [...counts].map(([emoji, { count, mine }]) =>
    el("button", { class: mine ? "mine" : "", type: "button", "aria-pressed": String(mine), "aria-label": `${emoji} ${count}`, data: { testid: "reaction" }, on: { click: () => acts.react(entry, emoji) } },
      emoji, count > 1 ? el("small", {}, String(count)) : null)));
}
