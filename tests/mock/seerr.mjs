// A Seerr server that tests can fill and make lie (see lib.mjs), after its
// published description and what the real one was seen to do.
import { serve } from './lib.mjs';

const movie = (id, title, date) => ({ id, mediaType: 'movie', title,
	originalTitle: title, releaseDate: date, overview: `About ${title}.`,
	posterPath: '/p.jpg', backdropPath: '/b.jpg', voteAverage: 7.8,
	voteCount: 10, genreIds: [18], originalLanguage: 'en', adult: false,
	video: false, popularity: 1 });
const series = (id, name, date) => ({ id, mediaType: 'tv', name,
	originalName: name, firstAirDate: date, overview: `About ${name}.`,
	posterPath: '/p.jpg', backdropPath: '/b.jpg', voteAverage: 7.8,
	voteCount: 10, genreIds: [18], originalLanguage: 'en',
	originCountry: ['US'], popularity: 1 });

const state = () => ({
	key: 'c2VlcnItdGVzdC1rZXktMDEyMzQ1Njc4OQ==',
	version: '3.1.0', initialized: true,
	titles: [
		movie(12, 'Finding Nemo', '2003-05-30'),
		movie(1091, 'The Thing', '1982-06-25'),
		movie(60935, 'The Thing', '2011-10-12'),
		series(70523, 'Dark', '2017-12-01'),
		movie(11967, 'Dark', ''),
		{ id: 5, mediaType: 'person', name: 'Dark Person',
			profilePath: '/x.jpg', adult: false },
		movie(8844, 'What\'s Up, Doc? (100% + more) *!', '1972-03-09'),
		movie(194, 'Amélie', '2001-04-25'),
	],
});

const refusal = { status: 403, json: { status: 403,
	error: 'You do not have permission to access this endpoint' } };

// The real one refuses reserved characters that are not percent-encoded.
function search(req, s) {
	const m = /[?&]query=([^&]*)/.exec(req.raw);
	if (!m || /[^A-Za-z0-9._~%-]/.test(m[1]))
		return { status: 400, json: { message: 'Parameter \'query\' must ' +
			'be url encoded. Its value may not contain reserved ' +
			'characters.' } };
	const wanted = decodeURIComponent(m[1]).toLowerCase();
	const found = s.titles.filter((t) => (t.title ?? t.name).toLowerCase()
		.includes(wanted));
	return { json: { page: 1, totalPages: 1, totalResults: found.length,
		results: found } };
}

function handle(req, s) {
	if (req.path === '/api/v1/status')
		return { json: { version: s.version, commitTag: 'v3.1.0',
			updateAvailable: false, commitsBehind: 0,
			restartRequired: false } };
	if (!req.path.startsWith('/api/v1/'))
		return { text: '<!DOCTYPE html><title>Seerr</title>',
			headers: { 'Content-Type': 'text/html' } };
	if (!s.initialized || req.headers['x-api-key'] !== s.key)
		return refusal;
	if (req.path === '/api/v1/auth/me')
		return { json: { id: 1, email: 'owner@example.com',
			displayName: 'owner', userType: 1, permissions: 2 } };
	if (req.path === '/api/v1/search')
		return search(req, s);
	return { status: 404, json: { message: 'not found' } };
}

// The description has its paths without this prefix.
const judged = (url) => (url.pathname.startsWith('/api/v1/') ?
	url.pathname.slice('/api/v1'.length) + url.search : null);

serve({ name: 'SEERR', state, handle, judged });
