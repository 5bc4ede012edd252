// Ask the server how it is.  Never throws: no answer is an answer too.
const TIMEOUT_MS = 15000;

async function ask(path) {
	try {
		const res = await fetch(path, {
			cache: "no-store",
			credentials: "omit",
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
		const body = await res.json().catch(() => ({}));
		return { status: res.status, body };
	} catch {
		return { status: 0, body: {} };
	}
}

// {state: "ready" | "notReady" | "gone" | "offline", health?, trouble?,
// system?}: gone is a web server without the service behind it, offline no
// server at all.
export async function look() {
	const health = await ask("/api/health");
	if (health.status === 0)
		return { state: "offline" };
	if (health.status !== 200)
		return { state: "gone" };
	const [ready, system] = await Promise.all([
		ask("/api/ready"), ask("/api/system/status"),
	]);
	const seen = {
		health: health.body,
		system: system.status === 200 ? system.body : undefined,
	};
	if (ready.status === 200)
		return { ...seen, state: "ready" };
	if (ready.status === 503 && ready.body.reason)
		return { ...seen, state: "notReady", trouble: ready.body };
	return { state: ready.status === 0 ? "offline" : "gone" };
}
