// What the test of a service found, in words.
import { fill } from "./format.js";
import { text } from "./strings/index.js";

function originOf(url) {
	try {
		return new URL(url).origin;
	} catch {
		return "";
	}
}

// Without the name that it had before: "Seerr (Jellyseerr)".
const shortName = (service) =>
	text.connect.names[service].replace(/ \(.*\)/, "");

// What it is: in our words when it says its version.
function found(service, { version, serverName, message }) {
	if (!version)
		return service === "gemini" ? { more: text.connect.foundGemini } :
			{ more: message || "", foreign: true };
	const more = fill(text.connect.found, {
		name: text.connect.names[service], version });
	return { more: serverName ? `${more}, “${serverName}”` : more };
}

function good(service, result) {
	if (result.otherServer)
		return { kind: "warn", word: text.connect.otherServer,
			...found(service, result), act: text.connect.otherServerAct };
	return { kind: "ok", word: text.connect.ok, ...found(service, result) };
}

// Why not: in our words where the server has told it by one that we know,
// else in its own.
function failed(service, result) {
	const known = text.connect.faults[result.code];
	if (!known)
		return { more: result.message || "", foreign: true,
			act: result.message && text.lang === "en" ? "" :
				text.connect.act[service] };
	const values = { name: shortName(service),
		at: originOf(result.url), target: result.target,
		status: result.status, version: result.version };
	// Gemini has no version to tell.
	const said = (words) => fill(words, values)
		.replace(/ +([ ,.:])/g, "$1");
	return { more: said(known.what),
		act: said(known.act) || text.connect.act[service] };
}

// result: a part of the server's answer, or {kind: "wait" | "work"}.
// Returns {kind, word, more?, act?, foreign?}.
export function verdict(service, result) {
	if (result.kind)
		return { kind: result.kind, word: text.connect[result.kind] };
	return result.ok ? good(service, result) : { kind: "bad",
		word: text.connect.bad, ...failed(service, result) };
}
