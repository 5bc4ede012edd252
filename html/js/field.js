// One field: its value, where that is from, and what is wrong with it.
import { make, put } from "./dom.js";
import { fill, number } from "./format.js";
import { text } from "./strings/index.js";

export const isUrl = (name) => name.endsWith("Url");
export const isKey = (name) => name.endsWith("Key");

function showModel(field, offered) {
	const { input, other } = field.parts;
	const known = field.value && !field.own && offered.includes(field.value);
	const wanted = [...offered, ""].join();
	if (input.dataset.offers !== wanted + text.lang) {
		input.dataset.offers = wanted + text.lang;
		input.replaceChildren(...offered.map((model) =>
			make("option", { value: model }, model)),
		make("option", { value: "" }, text.connect.other));
	}
	input.value = known ? field.value : "";
	other.hidden = Boolean(known);
	if (other.value !== field.value && !known)
		other.value = field.value;
}

function showOrigin(field, name) {
	const from = field.from && (field.value || field.kept) ?
		text.connect.from[field.from] : "";
	put(field.parts.origin, from);
	let help = text.connect.help[name] || "";
	if (isKey(name))
		help = keyHelp(field) || help;
	put(field.parts.help, help);
}

// Of a key only the last four are ever shown, of a short one nothing.
function keyHelp(field) {
	if (field.value)
		return fill(text.connect.keyTyped, {
			last: field.value.length < 8 ? "…" : field.value.slice(-4),
			length: number(field.value.length),
		});
	if (field.lost)
		return text.connect.keyLost;
	return field.kept && fill(text.connect.keyKept, {
		last: field.kept.replace(/^\*+/, ""),
	});
}

// Draw the field ${name}; offered: the models to choose from.
export function showField(field, name, offered) {
	const { input, error } = field.parts;
	if (name === "geminiModel")
		showModel(field, offered);
	else if (document.activeElement !== input &&
	    input.value !== field.value)
		input.value = field.value;
	if (isKey(name))
		input.placeholder = field.kept.replace(/\*/g, "•");
	put(error, field.error || "");
	error.hidden = !field.error;
	input.toggleAttribute("aria-invalid", Boolean(field.error));
	if (field.error)
		input.setAttribute("aria-invalid", "true");
	input.setAttribute("aria-describedby", field.error ?
		`${error.id} ${field.parts.help.id}` :
		field.parts.help.id);
	showOrigin(field, name);
}
