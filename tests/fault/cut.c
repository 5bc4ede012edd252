/*
 * Without this program no test could cut the power of a real file system.
 * usage: cut FOLDER, a mounted ext4, as root.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* As the kernel's fs/ext4/ext4.h has them: stop at once, keep no log. */
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define NO_LOG_FLUSH 2

int
main(int argc, char **argv)
{
	uint32_t how = NO_LOG_FLUSH;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;

	if (fd < 0 || ioctl(fd, EXT4_IOC_SHUTDOWN, &how) != 0) {
		perror("cut");
		return 1;
	}
	(void)close(fd);
	return 0;
}
