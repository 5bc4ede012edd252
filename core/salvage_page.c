#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/salvage_int.h"

#define HEADER 100 /* bytes of the file's header, on its first page */
#define PAGES_MAX ((off_t)1 << 26)
#define SAMPLES 512 /* pages that a page size is tried on */
#define READS_PER_PAGE 8

static uint32_t
u16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

uint32_t
salvage_u32(const uint8_t *p)
{
	return u16(p) << 16 | u16(p + 2);
}

static bool
is_page_size(uint32_t n)
{
	return n >= 512 && n <= SALVAGE_PAGE_MAX && (n & (n - 1)) == 0;
}

/* Read ${len} bytes, zeros behind the end of the file; how many there were,
   or -1 when it fails. */
static ssize_t
read_at(int fd, uint8_t *out, size_t len, off_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, out + done, len - done, at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	memset(out + done, 0, len - done);
	return (ssize_t)done;
}

/* The page size that the header of an SQLite file tells, or 0. */
static uint32_t
told_size(const uint8_t *header)
{
	uint32_t n = u16(header + 16);

	n = n == 1 ? SALVAGE_PAGE_MAX : n;
	return is_page_size(n) ? n : 0;
}

static uint32_t
size_of_file(const char *path)
{
	uint8_t header[HEADER];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint32_t n = 0;

	if (fd < 0)
		return 0;
	if (read_at(fd, header, sizeof(header), 0) >= 0)
		n = told_size(header);
	(void)close(fd);
	return n;
}

/* Whether these bytes can be the header of a page of a tree. */
static bool
is_tree_page(const uint8_t *p, uint32_t usable)
{
	bool interior = p[0] == 2 || p[0] == 5;
	uint32_t cells = u16(p + 3);
	uint32_t content = u16(p + 5);

	if (!interior && p[0] != 10 && p[0] != 13)
		return false;
	content = content == 0 ? SALVAGE_PAGE_MAX : content;
	return p[7] <= 60 && cells <= usable / 4 &&
	    (interior ? 12U : 8U) + 2 * cells <= content && content <= usable;
}

/* How many in a thousand pages look like a tree's, were they ${size} long. */
static unsigned
share_likely(const struct salvage_file *f, uint32_t size, off_t bytes)
{
	uint8_t head[12];
	off_t pages = bytes / size;
	off_t step = pages / SAMPLES + 1;
	unsigned likely = 0;
	unsigned samples = 0;

	for (off_t i = 1; i < pages; i += step, samples++) {
		if (read_at(f->fd, head, sizeof(head), i * size) >= 0)
			likely += is_tree_page(head, size);
	}
	return samples > 0 ? likely * 1000 / samples : 0;
}

/* The page size, by the header, by the references, or by what fits best. */
static uint32_t
find_size(const struct salvage_file *f, const uint8_t *header,
    const char *const *like, off_t bytes)
{
	uint32_t best = told_size(header);
	unsigned most = 0;

	if (best != 0 && (bytes <= best || share_likely(f, best, bytes) > 0))
		return best;
	for (size_t i = 0; like != NULL && like[i] != NULL; i++) {
		uint32_t n = size_of_file(like[i]);

		if (n != 0 && share_likely(f, n, bytes) > 0)
			return n;
	}
	best = best != 0 ? best : 4096;
	/* Half the right size looks half as good, and twice the right size as
	   good: the smallest is taken unless another is clearly better. */
	for (uint32_t n = 512; n <= SALVAGE_PAGE_MAX; n *= 2) {
		unsigned likely = share_likely(f, n, bytes);

		if (likely > most + most / 2) {
			most = likely;
			best = n;
		}
	}
	return best;
}

/* The encoding in which the page holds words that each schema has, or 0. */
static int
encoding_of(const uint8_t *page, size_t len)
{
	static const char words[] = "CREATE TABLE";
	char wide[2 * sizeof(words)] = { 0 };

	if (memmem(page, len, words, sizeof(words) - 1) != NULL)
		return 1;
	for (size_t i = 0; i < sizeof(words) - 1; i++)
		wide[2 * i + 1] = words[i];
	/* Without the first zero, and with one behind it, it is the other. */
	if (memmem(page, len, wide, 2 * sizeof(words) - 2) != NULL)
		return 3;
	return memmem(page, len, wide + 1, 2 * sizeof(words) - 2) != NULL ? 2
									  : 0;
}

/*
 * The encoding of text.  The schema's own words go before what the header
 * tells: one byte of that would turn each name into another.
 */
static int
find_encoding(const struct salvage_file *f, int told, off_t bytes)
{
	uint8_t *page = malloc(f->page_size);
	int found = 0;

	for (off_t i = 0; page != NULL && found == 0 && i < SAMPLES; i++) {
		off_t at = i * f->page_size;

		if (at >= bytes || read_at(f->fd, page, f->page_size, at) < 0)
			break;
		found = encoding_of(page, f->page_size);
	}
	free(page);
	return found != 0 ? found : told;
}

static void
read_header(struct salvage_file *f, const uint8_t *header)
{
	uint32_t encoding = salvage_u32(header + 56);

	f->usable = f->page_size;
	f->encoding = 1;
	/* These three bytes are the same in every database. */
	if (memcmp(header + 21, "\x40\x20\x20", 3) != 0)
		return;
	if (f->page_size - header[20] >= 480)
		f->usable -= header[20];
	if (encoding == 2 || encoding == 3)
		f->encoding = (int)encoding;
}

static int
set_up(struct salvage_file *f, const char *path, const char *const *like,
    struct err *err)
{
	uint8_t header[HEADER];
	struct stat st;

	if ((f->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 ||
	    fstat(f->fd, &st) != 0 ||
	    read_at(f->fd, header, sizeof(header), 0) < 0)
		return err_sys(err, errno, "Cannot read %s", path);
	f->page_size = find_size(f, header, like, st.st_size);
	read_header(f, header);
	f->encoding = find_encoding(f, f->encoding, st.st_size);
	if (st.st_size / f->page_size >= PAGES_MAX)
		return err_set(err, ERR_LIMIT,
		    "%s is too large to be read page by page.", path);
	f->pages = (uint32_t)((st.st_size + f->page_size - 1) / f->page_size);
	f->budget = (uint64_t)f->pages * READS_PER_PAGE + 1000;
	f->seen = calloc(f->pages / 8 + 1, 1);
	f->payload = malloc(SALVAGE_ROW_MAX);
	f->overflow = malloc(SALVAGE_PAGE_MAX);
	if (f->seen == NULL || f->payload == NULL || f->overflow == NULL)
		return err_set(err, ERR_NOMEM, "No memory for a salvage.");
	return 0;
}

int
salvage_file_open(struct salvage_file *f, const char *path,
    const char *const *like, struct err *err)
{
	*f = (struct salvage_file){ .fd = -1 };
	if (set_up(f, path, like, err) == 0)
		return 0;
	salvage_file_close(f);
	return -1;
}

void
salvage_file_close(struct salvage_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	free(f->seen);
	free(f->payload);
	free(f->overflow);
	*f = (struct salvage_file){ .fd = -1 };
}

int
salvage_raw_read(struct salvage_file *f, uint32_t no, uint8_t *out, size_t *len)
{
	ssize_t n;

	if (no < 1 || no > f->pages || f->budget == 0)
		return -1;
	f->budget--;
	n = read_at(f->fd, out, f->page_size, (off_t)(no - 1) * f->page_size);
	if (n < 0)
		return -1;
	*len = (size_t)n < f->usable ? (size_t)n : f->usable;
	return 0;
}

int
salvage_page_read(struct salvage_file *f, uint32_t no,
    struct salvage_page *page)
{
	page->no = no;
	page->start = no == 1 ? HEADER : 0;
	if (salvage_raw_read(f, no, page->data, &page->end) != 0)
		return -1;
	page->type = page->data[page->start];
	page->cells = u16(page->data + page->start + 3);
	/* Each cell has a pointer of two bytes, and two bytes at least. */
	if (page->cells > (f->usable - page->start - 8) / 4)
		return -1;
	return 0;
}

bool
salvage_see(struct salvage_file *f, uint32_t no)
{
	uint8_t bit = (uint8_t)(1U << (no % 8));

	if (no < 1 || no > f->pages || (f->seen[no / 8] & bit) != 0)
		return false;
	f->seen[no / 8] |= bit;
	return true;
}

void
salvage_unsee(struct salvage_file *f, uint32_t no)
{
	f->seen[no / 8] &= (uint8_t) ~(1U << (no % 8));
}
