// What the wizard remembers over a reload: for this tab, until it is saved.
// Never a key, never a password.
import { forget, keep, kept } from "./keep.js";

const names = { code: "jair.setup.code", mode: "jair.setup.mode",
	draft: "jair.setup.draft" };

// The one-time code: from the link that the log shows, which is then taken
// out of the address bar and of the history.
export function setupCode() {
	const found = /^#code=([^&]+)/.exec(location.hash);
	if (found) {
		history.replaceState(null, "", location.pathname);
		let code = found[1];
		try {
			code = decodeURIComponent(code);
		} catch {
			// Not encoded, then.
		}
		keep(names.code, code, true);
	}
	return kept(names.code, true) || "";
}

export function keepCode(code) {
	keep(names.code, code, true);
}

export function mode() {
	return kept(names.mode, true) || "";
}

export function keepMode(value) {
	keep(names.mode, value, true);
}

export function draft() {
	try {
		return JSON.parse(kept(names.draft, true));
	} catch {
		return null;
	}
}

export function keepDraft(value) {
	keep(names.draft, JSON.stringify(value), true);
}

export function forgetAll() {
	for (const name of Object.values(names))
		forget(name, true);
}
