// Sentences that the server wrote, in English, in the language of the page
// where its strings know them; and whether they are still foreign.
import { make } from "./dom.js";
import { fill } from "./format.js";
import { text } from "./strings/index.js";

let patterns = [];
let lang = "";

// "{file} is empty." as a pattern with groups of these names.
function pattern(sentence) {
	const names = [];
	const source = sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&")
		.replace(/\{(\w+)\}/g, (all, name) => {
			names.push(name);
			return "([^]+?)";
		});
	return { match: new RegExp(`^${source}$`), names };
}

function learn() {
	lang = text.lang;
	patterns = Object.entries(text.said).map(([from, to]) =>
		({ ...pattern(from), to }));
}

// A part of a sentence may be one that is known, too.
function translated(sentence) {
	for (const { match, names, to } of patterns) {
		const found = match.exec(sentence);
		if (found)
			return fill(to, Object.fromEntries(names.map((name, i) =>
				[name, translated(found[i + 1]) ?? found[i + 1]])));
	}
	return null;
}

export function said(sentence) {
	if (lang !== text.lang)
		learn();
	const words = sentence && translated(sentence);
	return { words: words || sentence || "",
		foreign: Boolean(sentence && !words) };
}

// The same as an element, which is marked where it stays English.
export function foreign(sentence) {
	const it = said(sentence);
	return make("span", { lang: it.foreign && "en" }, it.words);
}
