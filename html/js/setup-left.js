// Backups that are left on the server beside an empty database.
import { $, make } from "./dom.js";
import { bytes, count, fill, moment } from "./format.js";
import { text } from "./strings/index.js";

function useButton(backup, main, use) {
	const when = moment(backup.at);
	const button = make("button", { type: "button", class: main && "main",
		"aria-label": fill(text.start.leftUseOf, { when }) },
	text.start.leftUse);
	button.addEventListener("click", () => use(backup.name, button));
	return button;
}

function row(backup, main, use) {
	return make("li", {},
		make("div", {}, make("b", {}, moment(backup.at)),
			make("p", {}, `${bytes(backup.bytes)} · `,
				make("code", {}, backup.name))),
		useButton(backup, main, use));
}

const list = (backups, main, use) => make("ul", { class: "deeds" },
	...backups.map((backup) => row(backup, main, use)));

// Drawn anew only when something changed, so that the focus stays.
// use(name, button): somebody wants that one.
export function showLeft(backups, use) {
	const node = $("start-left-list");
	const shown = JSON.stringify([backups, text.lang]);
	$("start-left").hidden = !backups.length;
	if (node.dataset.shown === shown)
		return;
	node.dataset.shown = shown;
	const [newest, ...older] = backups;
	node.replaceChildren(
		...(newest ? [list([newest], true, use)] : []),
		...(older.length ? [make("details", {},
			make("summary", {}, count(older.length, text.start.leftOlder)),
			list(older, false, use))] : []));
}
