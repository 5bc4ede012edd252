// Addresses of services, as people type or paste them.

// What is meant: with a scheme, without the page that was open.
export function clean(typed) {
	let url = typed.trim();
	if (!url)
		return "";
	if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url))
		url = `http://${url}`;
	return url.replace(/\/web\/(index\.html)?([?#].*)?$/i, "")
		.replace(/[?#].*$/, "").replace(/\/+$/, "");
}

export function valid(url) {
	try {
		const parsed = new URL(url);
		return /^https?:$/.test(parsed.protocol) && !parsed.username &&
			!parsed.password;
	} catch {
		return false;
	}
}

// Whether a key for the one may go to the other: same scheme, host and port.
export function sameHost(a, b) {
	try {
		return new URL(a).origin === new URL(b).origin;
	} catch {
		return a === b;
	}
}
