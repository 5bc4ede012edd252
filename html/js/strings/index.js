// Which language: the one that was chosen, else the browser's, else English.
// Only that one is loaded.
import { kept, keep } from "../keep.js";

export const languages = [
	{ lang: "en", name: "English" },
	{ lang: "de", name: "Deutsch" },
];

function wanted() {
	const tags = [kept("jair.lang"), ...(navigator.languages || [])];
	for (const tag of tags) {
		const found = languages.find((l) =>
			tag && tag.toLowerCase().split("-")[0] === l.lang);
		if (found)
			return found.lang;
	}
	return languages[0].lang;
}

async function load(lang) {
	return (await import(`./${lang}.js`)).default;
}

// All text of the pages; whoever imports it sees the language change.
export let text = await load(wanted());

export async function choose(lang) {
	text = await load(lang);
	keep("jair.lang", lang);
}

// The text behind a path such as "setup.title".
export function textAt(path) {
	return path.split(".").reduce((part, name) => part[name], text);
}
