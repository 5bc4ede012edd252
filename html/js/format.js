// Numbers, sizes and times, as people of the chosen language write them.
import { text } from "./strings/index.js";

// The browser's own way of the chosen language: en-GB, de-AT.
function locale() {
	return navigator.languages.find((tag) =>
		tag.split("-")[0] === text.lang) || text.lang;
}

// Put values into the {places} of a sentence.
export function fill(sentence, values) {
	return sentence.replace(/\{(\w+)\}/g, (all, name) =>
		name in values ? String(values[name]) : all);
}

export function number(n) {
	return new Intl.NumberFormat(locale()).format(n);
}

export function seconds(n) {
	return new Intl.NumberFormat(locale(), {
		style: "unit", unit: "second", unitDisplay: "long",
	}).format(n);
}

export function percent(part) {
	return new Intl.NumberFormat(locale(), { style: "percent" })
		.format(part);
}

// forms: for one, for more; {n} is the number.
export function count(n, forms) {
	return fill(forms[n === 1 ? 0 : 1], { n: number(n) });
}

export function bytes(n) {
	const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
	let unit = 0;
	while (n >= 1000 && unit < units.length - 1) {
		n /= 1000;
		unit++;
	}
	return new Intl.NumberFormat(locale(), {
		style: "unit", unit: units[unit],
		unitDisplay: unit ? "short" : "long",
		maximumFractionDigits: unit && n < 100 ? 1 : 0,
	}).format(n);
}

// A time of an archive; what is no time is shown as it stands.
export function moment(value) {
	const date = new Date(value);
	if (Number.isNaN(date.getTime()))
		return String(value);
	return date.toLocaleString(locale(), {
		dateStyle: "long", timeStyle: "short", hourCycle: "h23",
	});
}

export function list(words) {
	return new Intl.ListFormat(locale()).format(words);
}
