// The head of the open chat and its topics.

import { el, fullName, iconButton } from "./dom.js";
import { T } from "./i18n.js";
import { item, menu, notice } from "./overlays.js";
import { actionText, chatAvatar, chatTitle } from "./sidebar.js";
import { chat, inThread, store } from "./store.js";

export function renderHead({ back, block, leave, command }) {
  const head = document.getElementById("chat-head");
  const open = chat();
  head.hidden = !open;
  if (!open) return;
  const writing = [...store.drafts.values()].find((one) => one.chat === open.chat);
  const action = writing ? { ...writing, action: "typing" } : store.actions.get(open.chat);
  const live = action && inThread(action);
  const status = live
    ? (open.bot ? actionText(action.action) : T.is_typing(fullName(action.from)))
    : open.bot ? T.bot : T.members(open.members.length);
  const copyId = () => navigator.clipboard?.writeText(String(open.view.id)).then(() => notice(T.copied));
  const entries = open.bot
    ? [
      item("send", T.restart, () => command("/start"), { testid: "menu-start" }),
      item("copy", T.copy_id, copyId),
      open.blocked
        ? item("ban", T.unblock, () => block(false), { testid: "menu-unblock" })
        : item("ban", T.block, () => block(true), { bad: true, testid: "menu-block" }),
    ]
    : [item("copy", T.copy_id, copyId), item("close", T.leave, leave, { bad: true, testid: "menu-leave" })];
  const more = iconButton("more", T.menu, "chat-menu", () => menu(more, entries, { label: T.menu }));
  more.setAttribute("aria-haspopup", "menu");
  const arrow = iconButton("back", T.back, "back", back);
  arrow.classList.add("back");
  head.replaceChildren(arrow, chatAvatar(open, { size: "small" }),
    el("div", { class: "who" },
      el("h1", { data: { testid: "chat-title" } }, chatTitle(open)),
      el("div", { class: `status ${live ? "live" : ""}`, data: { testid: "chat-status" } }, status)),
    more);
}

export function renderTopics(pick) {
  const bar = document.getElementById("topics");
  const open = chat();
  const topics = open?.topics ?? [];
  bar.hidden = !topics.length;
  if (bar.hidden) return;
  bar.setAttribute("aria-label", T.title);
  const tab = (id, name, color, closed) => {
    const mark = el("span", { class: "mark", "aria-hidden": "true" });
    if (color) mark.style.setProperty("--mark", `#${color.toString(16).padStart(6, "0")}`);
    return el("button", { type: "button", role: "tab", "aria-selected": String(store.thread === id), data: { testid: "topic", thread: id ?? "" }, on: { click: () => pick(id) } },
      mark, name, closed ? " 🔒" : null);
  };
  bar.replaceChildren(tab(null, T.general, 0, false), ...topics.map((t) => tab(t.id, t.name, t.icon_color, t.closed)));
}
