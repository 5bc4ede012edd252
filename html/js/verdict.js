// What the test of a service found, in words.
import { fill } from "./format.js";
import { text } from "./strings/index.js";

// What it is: in our words when it says its version.
function found(service, { version, serverName, message }) {
	if (!version)
		return { more: message || "", foreign: true };
	const more = fill(text.connect.found, {
		name: text.connect.names[service], version });
	return { more: serverName ? `${more}, “${serverName}”` : more };
}

// result: a part of the server's answer, or {kind: "wait" | "work"}.
// Returns {kind, word, more?, act?, foreign?}.
export function verdict(service, result) {
	if (result.kind)
		return { kind: result.kind, word: text.connect[result.kind] };
	if (result.ok)
		return {
			kind: "ok", word: text.connect.ok, ...found(service, result),
		};
	// The server's sentence says what to do, in English.
	return {
		kind: "bad", word: text.connect.bad, more: result.message || "",
		foreign: true, act: result.message && text.lang === "en" ? "" :
			text.connect.act[service],
	};
}
