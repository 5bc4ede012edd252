// What every page has around its content: words, language, colours, notices.
import { $, make, put } from "./dom.js";
import { keep } from "./keep.js";
import { choose, languages, text, textAt } from "./strings/index.js";

let draw = () => {};

function isDark() {
	const set = document.documentElement.dataset.theme;
	return set ? set === "dark" :
		!matchMedia("(prefers-color-scheme: light)").matches;
}

function showSwitches() {
	put($("theme-word"), isDark() ? text.toLight : text.toDark);
	$("theme").setAttribute("aria-label",
		isDark() ? text.toLightLong : text.toDarkLong);
	const other = languages.find((l) => l.lang !== text.lang);
	put($("language"), other.name);
	$("language").lang = other.lang;
	$("switches").hidden = false;
}

// Put the words of the chosen language where the document asks for them.
export function words(root = document) {
	for (const node of root.querySelectorAll("[data-text]"))
		put(node, textAt(node.dataset.text));
	for (const node of root.querySelectorAll("[data-label]"))
		node.setAttribute("aria-label", textAt(node.dataset.label));
}

function showAll() {
	document.documentElement.lang = text.lang;
	words();
	showSwitches();
	draw();
}

// Begin: show() draws what the page knows, now and in each language.
export function begin(show) {
	draw = show;
	$("theme").addEventListener("click", () => {
		const theme = isDark() ? "light" : "dark";
		document.documentElement.dataset.theme = theme;
		keep("jair.theme", theme);
		showSwitches();
	});
	$("language").addEventListener("click", async () => {
		await choose($("language").lang);
		showAll();
	});
	matchMedia("(prefers-color-scheme: light)").addEventListener("change",
		showSwitches);
	showAll();
}

// The line at the top of the window, and in the browser's lists.
export function title(words) {
	document.title = `${words} · ${text.title}`;
}

let toast = null;

// Say something that needs no answer: shown for a while, read out politely.
export function notice(sentence) {
	if (!toast) {
		toast = make("p", { class: "toast", role: "status" });
		document.body.append(toast);
	}
	put(toast, sentence);
	toast.classList.add("shown");
	clearTimeout(notice.timer);
	notice.timer = setTimeout(() => toast.classList.remove("shown"), 4000);
}

export async function copy(node) {
	try {
		await navigator.clipboard.writeText(node.textContent);
		notice(text.copied);
	} catch {
		// Not allowed here: select it, for the keyboard to copy.
		getSelection().selectAllChildren(node);
	}
}
