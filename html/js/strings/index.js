// Which language: the one that was chosen, else the browser's, else English.
import de from "./de.js";
import en from "./en.js";
import { kept, keep } from "../keep.js";

export const languages = [en, de];

export function chosen() {
	const wanted = [kept("jair.lang"), ...(navigator.languages || [])];
	for (const tag of wanted) {
		const found = languages.find((l) =>
			tag && tag.toLowerCase().split("-")[0] === l.lang);
		if (found)
			return found;
	}
	return en;
}

export function choose(lang) {
	keep("jair.lang", lang);
	return chosen();
}
