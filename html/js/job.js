// A job of the server: how far it is, and what came of it.
import { call } from "./api.js";
import { make, put } from "./dom.js";
import { bytes, count, fill, number } from "./format.js";
import { foreign, said } from "./said.js";
import { text } from "./strings/index.js";
import { explain, parts } from "./trouble.js";

const FIRST_MS = 300;
const LATER_MS = 1500;

// Ask until the job has ended.  tell(job, trouble): each answer; trouble is
// set while the server does not answer.  Returns the job, or the answer that
// refused to tell.
export async function follow(id, tell) {
	let pause = FIRST_MS;
	for (;;) {
		const answer = await call("GET",
			`/api/jobs/${encodeURIComponent(id)}`);
		if (answer.ok) {
			tell(answer.body, null);
			if (/^(done|failed)$/.test(answer.body.state))
				return answer.body;
		} else if (answer.status && answer.status < 500 &&
		    answer.status !== 429) {
			return { state: "refused", answer };
		} else {
			tell(null, () => ({ ...explain(answer),
				data: text.job.waits }));
		}
		await new Promise((resolve) => setTimeout(resolve, pause));
		pause = Math.min(pause * 1.3, LATER_MS);
	}
}

// box: a .way element with its title, bar, amount and what is said.
export function showJob(box, job, heading) {
	const known = job.total > 0;
	const state = text.job[job.state] || text.job.running;
	// A file that is being sent is counted in bytes.
	const amount = job.bytes ? bytes : number;
	const bar = box.querySelector("progress");
	put(box.querySelector("h2"), heading);
	if (known)
		bar.value = Math.min(job.done / job.total, 1);
	else
		bar.removeAttribute("value");
	put(box.querySelector(".now"),
		text.job.currents[job.current] || job.current || state);
	put(box.querySelector("b"), known ? fill(text.job.ofItems, {
		done: amount(job.done), total: amount(job.total) }) : "");
	put(box.querySelector(".unseen"), state);
}

// The parts of a progress box; the page has an empty element for it.
export function wayParts() {
	return [make("h2", { tabindex: "-1" }),
		make("progress", { max: "1", "data-label": "job.running" }),
		make("p", { class: "amount" },
			make("span", { class: "now" }), make("b")),
		make("p", { class: "unseen", role: "status" })];
}

// A job that failed: ${words} is {what, data, act}; the server knows why.
export function jobTrouble(job, words) {
	const error = job.error && typeof job.error === "object" ?
		job.error : { error: job.error };
	const cause = error.error || error.message;
	const why = said(cause && parts(cause).what);
	return { ...words, cause: why.words, causeForeign: why.foreign,
		details: explain({ code: error.code,
		error: cause, place: error.where }).details };
}

function sum(result, name) {
	if (name === "watchlist" && result.watchlist === undefined)
		return (result.watchlistMovies || 0) +
			(result.watchlistSeries || 0);
	return result[name] || 0;
}

const namesOf = (result) => Object.keys(text.job.counts)
	.filter((name) => sum(result, name) > 0);

// Whether anything at all came.
export const came = (job) => Boolean(job.result) &&
	namesOf(job.result).length > 0;

function tiles(result) {
	const names = namesOf(result);
	return names.length ? [make("ul", { class: "tiles" },
		...names.map((name) => make("li", {},
			make("b", {}, number(sum(result, name))),
			make("span", {}, text.job.counts[name][
				sum(result, name) === 1 ? 0 : 1]))))] : [];
}

// Only what is not nothing.
function merged(result) {
	const words = Object.keys(text.job.merged).filter((name) => result[name])
		.map((name) => fill(text.job.merged[name],
			{ n: number(result[name]) }));
	return words.length ? [make("p", { class: "soft" },
		fill(text.job.merges, { all: words.join(", ") }))] : [];
}

function sentence(result) {
	const has = (...names) => names.every((name) =>
		typeof result[name] === "number");
	const values = Object.fromEntries(Object.entries(result)
		.filter(([, value]) => typeof value === "number")
		.map(([name, value]) => [name, number(value)]));
	if (has("inserted", "updated", "kept"))
		return merged(result);
	if (has("total", "new", "known", "skipped"))
		return [make("p", { class: "soft" },
			fill(text.job.synced, values))];
	return [];
}

function entry(one) {
	if (typeof one === "string")
		return make("li", {}, one);
	return make("li", {},
		...(one.title ? [make("b", {}, one.title), " "] : []),
		...(text.job.lists[one.list] ? [make("span", { class: "soft" },
			text.job.lists[one.list]), " "] : []),
		...(one.where ? [make("code", {}, one.where), " "] : []),
		foreign(one.reason || one.message || one.error));
}

// Something that did not come: how much, each by name, what to do.
function left(result, name) {
	const n = result[name] || 0;
	const named = result[`${name}Items`] || [];
	const more = n - named.length;
	if (!n)
		return [];
	return [make("div", { class: "note", "data-kind": "warn" },
		make("p", {}, make("b", {}, count(n, text.job[name]))),
		make("p", {}, text.job[`${name}Do`]),
		...(named.length ? [make("ul", { class: "named" },
			...named.map(entry), ...(more > 0 ? [make("li", {},
				count(more, text.job.more))] : []))] : []))];
}

// How the titles without an id stand that Seerr is asked for, and what is
// left of them.
function sought(result, titles) {
	const found = titles.result || {};
	if (/^(queued|running)$/.test(titles.state))
		return [make("p", { class: "soft" }, fill(text.job.seeking, {
			done: number(titles.done || 0),
			total: number(titles.total || result.unresolved) }))];
	if (titles.state !== "done")
		return [make("p", { class: "soft" }, text.job.seekingFailed),
			...left(result, "unresolved")];
	return [make("p", { class: "soft" }, fill(text.job.sought, {
		resolved: number(found.resolved), total: number(found.total) })),
		...(found.errors || []).map((error) => make("p", {},
			foreign(error), " ",
			text.job.seekingFailed)),
		...left({ unresolved: found.left,
			unresolvedItems: found.leftItems }, "unresolved")];
}

// Follow the job that looks for the titles which ${job} left without an id;
// tell(): something new is known of it.
export async function followTitles(job, tell) {
	const id = job.result?.resolveJob;
	if (!id)
		return;
	job.titles = { state: "queued" };
	tell();
	job.titles = await follow(id, (now) => {
		job.titles = now || job.titles;
		tell();
	});
	tell();
}

// What a finished job says of itself.
export function resultOf(job) {
	const result = job.result && typeof job.result === "object" ?
		job.result : {};
	return [...tiles(result), ...sentence(result),
		...(job.titles ? sought(result, job.titles) :
			left(result, "unresolved")),
		...["refused", "skipped"].flatMap((name) => left(result, name))];
}
