// A Jellyfin server that tests can fill and make lie (see lib.mjs).
// What it takes and gives follows the published description of version 12;
// with "old" it knows only what 10.8 knew.
import { createHash, randomBytes } from 'node:crypto';
import { serve } from './lib.mjs';

const SERVER_ID = '7d2f1f0c9b4e4a53a1c6f9f0e6c8b1aa';

const idOf = (text) => createHash('md5').update(text).digest('hex');

// A time that falls by an hour with each step from 2026-01-05.
const hoursAgo = (n) => `${new Date(Date.UTC(2026, 0, 5, 10) - n * 3600e3)
	.toISOString().slice(0, 19)}.1234567Z`;

function item(type, name, year, tmdb, played, more = {}) {
	return { Type: type, Name: name, Id: idOf(type + name),
		ServerId: SERVER_ID, ProductionYear: year,
		ProviderIds: tmdb ? { Tmdb: tmdb, Imdb: 'tt0000001' } : {},
		Overview: `About ${name}.`, Genres: ['Drama', 'Comedy'],
		DateCreated: '2024-02-03T04:05:06.0000000Z',
		played, ...more };
}

const episode = (series, n, played) => item('Episode', `${series} ${n}`, 2020,
	'', played, { SeriesId: idOf(`Series${series}`), SeriesName: series });

// Two watched movies, one without an id, a watched series, one of which only
// two episodes were watched, and one that was not.
function fewItems() {
	return [
		item('Movie', 'Finding Nemo', 2003, '12', hoursAgo(1)),
		item('Movie', 'Home video', 2019, '', hoursAgo(2)),
		item('Movie', 'Amélie "A" \\ 日本', 2001, '194', hoursAgo(3)),
		item('Series', 'Dark', 2017, '70523', hoursAgo(4)),
		episode('Dark', 1, hoursAgo(4)),
		item('Series', 'Severance', 2022, '95396', null),
		episode('Severance', 1, hoursAgo(9)),
		episode('Severance', 2, hoursAgo(5)),
		item('Series', 'Lost', 2004, '4607', null),
		item('Movie', 'Unseen', 1999, '99', null),
	];
}

// {"movies": n, "series": n, "episodes": n}: that many, all watched; the
// episodes belong to as many other series as there are watched ones.
function manyItems({ movies = 0, series = 0, episodes = 0 }) {
	const list = [];
	for (let i = 0; i < movies; i++)
		list.push(item('Movie', `Movie ${i}`, 1950 + i % 70,
			String(100000 + i), hoursAgo(i)));
	for (let i = 0; i < series; i++) {
		list.push(item('Series', `Series ${i}`, 1950 + i % 70,
			String(200000 + i), hoursAgo(i)));
		list.push(item('Series', `Begun ${i}`, 1950 + i % 70,
			String(300000 + i), null));
	}
	for (let i = 0; i < episodes; i++)
		list.push(episode(`Begun ${i % series}`, i, hoursAgo(i)));
	return list;
}

const user = (name, password, more = {}) => ({ name, password,
	id: idOf(name), admin: false, disabled: false, ...more });

const state = () => ({
	id: SERVER_ID, name: 'Living room', version: '10.11.3',
	product: 'Jellyfin Server', path: '', old: false,
	users: [
		user('jesse', 'jesse-pw', { admin: true }),
		user('Mäkinen', 'sana "+%\\ é'),
		user('O\'Brien', ''),
		user('gone', 'gone-pw', { disabled: true }),
		user('banned', 'banned-pw', { forbidden: true }),
	],
	items: null, // null: a few; else a list, or what manyItems takes
	total: null, // a lie about TotalRecordCount
	page: 10000, // no page is longer
	deaf: false, // to startIndex
	tokens: {},
});

// The values of the only header that counts.
function authorization(req) {
	const [scheme, ...rest] = (req.headers.authorization ?? '').split(' ');
	const values = {};
	if (scheme !== 'MediaBrowser')
		return values;
	for (const part of rest.join(' ').split(', ')) {
		const m = /^(\w+)="([^"]*)"$/.exec(part);
		if (m)
			values[m[1]] = decodeURIComponent(m[2]);
	}
	return values;
}

const userOf = (req, s) => s.users.find((u) =>
	u.id === s.tokens[authorization(req).Token]?.user);

const dto = (u) => ({ Name: u.name, Id: u.id, ServerId: SERVER_ID,
	HasPassword: u.password !== '', Policy: { IsAdministrator: u.admin,
		IsDisabled: u.disabled } });

function login(req, s) {
	const who = authorization(req);
	if (!who.Client || !who.Device || !who.DeviceId || !who.Version)
		return { status: 400, text: 'no device' };
	const u = s.users.find((x) => x.name.toLowerCase() ===
		String(req.json?.Username).toLowerCase());
	if (!u || u.password !== req.json.Pw)
		return { status: 401, text: 'Error processing request.' };
	if (u.forbidden)
		return { status: 403, text: 'Error processing request.' };
	// A login ends the one that the user had on the same device.
	for (const [token, held] of Object.entries(s.tokens)) {
		if (held.user === u.id && held.device === who.DeviceId)
			delete s.tokens[token];
	}
	const token = s.token ?? randomBytes(16).toString('hex');
	s.tokens[token] = { user: u.id, device: who.DeviceId };
	return { json: { User: dto(u), SessionInfo: { UserId: u.id },
		AccessToken: token, ServerId: s.id } };
}

function logout(req, s) {
	if (!userOf(req, s))
		return { status: 401 };
	delete s.tokens[authorization(req).Token];
	return { status: 204 };
}

// All values of a parameter: repeated, or with commas; any case of its name.
function listOf(query, name) {
	const list = [];
	for (const [key, value] of query) {
		if (key.toLowerCase() === name.toLowerCase())
			list.push(...value.split(',').filter(Boolean));
	}
	return list;
}

function show(it, u, fields) {
	const out = { Name: it.Name, Id: it.Id, ServerId: it.ServerId,
		Type: it.Type, ProductionYear: it.ProductionYear,
		UserData: { Played: it.played !== null, PlayCount:
			it.played === null ? 0 : 1, Key: it.Id, ItemId: it.Id } };
	if (it.played)
		out.UserData.LastPlayedDate = it.played;
	for (const name of ['SeriesId', 'SeriesName']) {
		if (it[name])
			out[name] = it[name];
	}
	for (const name of fields) {
		if (it[name] !== undefined)
			out[name] = it[name];
	}
	return out;
}

function itemsOf(s, u) {
	const given = u.items ?? s.items;
	if (Array.isArray(given))
		return given;
	if (given === null)
		return fewItems();
	s.made ??= {};
	const key = JSON.stringify(given);
	s.made[key] ??= manyItems(given);
	return s.made[key];
}

function items(req, s, userId) {
	const u = userOf(req, s);
	const q = req.query;
	const one = (name) => listOf(q, name)[0];
	if (!u)
		return { status: 401 };
	if (u.id !== userId.replaceAll('-', '') && !u.admin)
		return { status: 403 };
	const types = listOf(q, 'includeItemTypes');
	const ids = listOf(q, 'ids').map((id) => id.replaceAll('-', ''));
	const played = one('isPlayed') === 'true' ||
		listOf(q, 'filters').includes('IsPlayed');
	const found = itemsOf(s, u).filter((it) => types.includes(it.Type) &&
		(!played || it.played !== null) &&
		(ids.length === 0 || ids.includes(it.Id)));
	if (one('sortBy') === 'DatePlayed')
		found.sort((a, b) => String(b.played)
			.localeCompare(String(a.played)));
	const start = s.deaf ? 0 : Number(one('startIndex') ?? 0);
	const limit = Math.min(Number(one('limit') ?? 10000), s.page);
	const fields = listOf(q, 'fields');
	return { json: { Items: found.slice(start, start + limit)
		.map((it) => show(it, u, fields)),
	TotalRecordCount: s.total ?? found.length, StartIndex: start } };
}

function handle(req, s) {
	if (!req.path.startsWith(`${s.path}/`))
		return { status: 404 };
	const path = req.path.slice(s.path.length);
	if (path === '/System/Info/Public' && req.method === 'GET')
		return { json: { LocalAddress: 'http://127.0.0.1:8096',
			ServerName: s.name, Version: s.version,
			ProductName: s.product, OperatingSystem: '', Id: s.id,
			StartupWizardCompleted: true } };
	if (path === '/Users/AuthenticateByName' && req.method === 'POST')
		return login(req, s);
	if (path === '/Sessions/Logout' && req.method === 'POST')
		return logout(req, s);
	if (path === '/Items' && req.method === 'GET' && !s.old)
		return items(req, s, req.query.get('userId') ?? '');
	const m = /^\/Users\/([0-9a-fA-F-]+)\/Items$/.exec(path);
	if (m && req.method === 'GET')
		return items(req, s, m[1]);
	return { status: 404 };
}

// What the description of version 12 can judge: not the paths of older ones,
// nor those at which there is no Jellyfin.
function judged(url) {
	const path = url.pathname.replace(/^\/(jellyfin|emby)\//, '/') +
		url.search;
	return /^\/Users\/[^/]+\/Items/.test(path) ? null : path;
}

serve({ name: 'JELLYFIN', state, handle, judged });
