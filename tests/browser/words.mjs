// Without this test a language could lack a sentence, a sentence its values,
// and a text could hide where no translator finds it.
import { readFileSync, readdirSync } from "node:fs";
import { finish, ok } from "./check.mjs";

const html = new URL("../../html/", import.meta.url);
const en = (await import("../../html/js/strings/en.js")).default;
const de = (await import("../../html/js/strings/de.js")).default;

// Each text with its path; lists of forms are one text.
function texts(part, prefix = "") {
	return Object.entries(part).flatMap(([key, value]) =>
		value && typeof value === "object" && !Array.isArray(value) ?
			texts(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value]]);
}
// What the server says is English already: it is no key of that language.
const ours = (strings) => new Map(texts({ ...strings, said: {} }));
const english = ours(en);
const german = ours(de);
const keys = (map) => JSON.stringify([...map.keys()].sort());
ok(keys(english) === keys(german), "words: both languages have the same keys",
	[...english.keys()].filter((k) => !german.has(k)).concat(
		[...german.keys()].filter((k) => !english.has(k))));

const places = (value) => [].concat(value).map((one) =>
	[...one.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join());
const uneven = [...english].filter(([key, value]) => german.has(key) &&
	JSON.stringify(places(value)) !== JSON.stringify(places(german.get(key))));
ok(uneven.length === 0, "words: the same values are filled in",
	uneven.map(([key]) => key));

const same = [...english].filter(([key, value]) =>
	typeof value === "string" && value.split(" ").length > 3 &&
	german.get(key) === value);
ok(same.length === 0, "words: nothing is left in English",
	same.map(([key]) => key));

// What is translated of the server's sentences is what its source has.
const format = (words) => words.replace(/%(\.\d+|\.\*)?(l*[diux]|zu|s)/g, "{}")
	.replace(/\{\w+\}/g, "{}").replace(/\\?"/g, "");
const core = ["core", "cgi-src/jobs", "cgi-src/services", "cgi-src/api"]
	.flatMap((folder) => {
		const url = new URL(`../../${folder}/`, import.meta.url);
		return readdirSync(url).filter((name) => /\.[ch]$/.test(name))
			.map((name) => readFileSync(new URL(name, url), "utf8"));
	}).join("\n").replace(/"\s*"/g, "");
const spoken = format(core) + format(core.replaceAll('"%s ', '"The file '));
const unheard = Object.keys(de.said).filter((key) =>
	!spoken.includes(format(key)));
ok(unheard.length === 0, "words: the server says what is translated", unheard);
const lost = Object.entries(de.said).filter(([from, to]) => from === to ||
	String(places(from)) !== String(places(to)));
ok(lost.length === 0, "words: the server's values are filled in", lost);

const loud = [...english, ...german].filter(([, value]) =>
	[].concat(value).some((one) => one.includes("!")));
ok(loud.length === 0, "words: no exclamation marks", loud);

// Pages: what stands in them is the English text of its key.
const pages = readdirSync(html).filter((name) => name.endsWith(".html"));
const plain = (words) => words.replace(/<[^>]+>/g, "")
	.replace(/&amp;/g, "&").trim();
for (const name of pages) {
	const source = readFileSync(new URL(name, html), "utf8");
	const wrong = [...source.matchAll(
		/<(\w+)[^>]*\bdata-text="([^"]+)"[^>]*>([^<]*)<\/\1>/g)]
		.filter(([, , key, words]) => !english.has(key) ||
			(words && plain(words) !== english.get(key)))
		.map(([, , key]) => key);
	const labels = [...source.matchAll(/\bdata-label="([^"]+)"/g)]
		.filter(([, key]) => !english.has(key)).map(([, key]) => key);
	ok(wrong.length + labels.length === 0,
		`${name}: each text is the English one`, [...wrong, ...labels]);
	ok(!/\son\w+=|\sstyle=|<style|javascript:|<script(?![^>]*\ssrc=)/i
		.test(source), `${name}: no inline script and no inline style`);
	ok(!/(src|href)="(https?:)?\/\//.test(source),
		`${name}: nothing from another host`);
}

// Modules: every text comes from a key, every key exists, none is left over.
const modules = readdirSync(new URL("js/", html))
	.filter((name) => name.endsWith(".js"));
const sources = modules.map((name) =>
	[name, readFileSync(new URL(`js/${name}`, html), "utf8")]);
for (const [name, source] of sources) {
	const code = source.replace(/\/\/.*$/gm, "");
	const prose = [...code.matchAll(/(["'`])((?:(?!\1).)*)\1/g)]
		.map(([, , words]) => words.replace(/\$\{[^}]*\}/g, ""))
		.filter((words) => /[A-Za-zÄÖÜäöüß]{2,} +[A-Za-zÄÖÜäöüß]{2,}/
			.test(words) && !/[#.[\]/:=]/.test(words) &&
			!["use strict", "soft now"].includes(words));
	ok(prose.length === 0, `${name}: no text of its own`, prose);
}
// What modules name by its whole path must be there.
const groups = new Set(["said", ...english.keys()].flatMap((key) =>
	key.split(".").map((_, i, parts) => parts.slice(0, i + 1).join("."))));
for (const [name, source] of sources) {
	const lost = [...source.matchAll(/\btext((?:\.[a-zA-Z_]\w*)+)/g)]
		.map(([, path]) => path.slice(1))
		.filter((path) => !groups.has(path));
	ok(lost.length === 0, `${name}: each text that it names exists`, lost);
}
const everything = sources.map(([, source]) => source).join("\n") +
	pages.map((name) => readFileSync(new URL(name, html), "utf8")).join("\n");
const spare = [...english.keys()].filter((key) =>
	!everything.includes(key.split(".").at(-1)) &&
	!/^(errors|status\.reasons|start\.unfit|inside\.(forms|integrity)|job|connect\.(act|from|why|missing)|titles)\./
		.test(key));
ok(spare.length === 0, "words: each one is used", spare);
finish();
