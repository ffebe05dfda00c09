/* entropy: random numbers of the kernel, which the NSM has a part in. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"

#define SEED_SIZE 64u
#define SOURCE    "/sys/class/misc/hw_random/rng_current"
#define EXPECTED  "nsm-hwrng"

/* The argument of RNDADDENTROPY: struct rand_pool_info, and the bytes behind it. */
struct entropy {
	int bits, size;
	uint8_t bytes[SEED_SIZE];
};

/* With credit where we may give it, in an enclave; what is written without is mixed in too. */
static int add(const uint8_t seed[SEED_SIZE])
{
	struct entropy entropy = {.bits = 8 * (int)SEED_SIZE, .size = (int)SEED_SIZE};
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC), failed = 0;

	if (fd < 0)
		return -1;
	memcpy(entropy.bytes, seed, SEED_SIZE);
	if (ioctl(fd, RNDADDENTROPY, &entropy) != 0 &&
		write(fd, seed, SEED_SIZE) != (ssize_t)SEED_SIZE)
		failed = -1;
	explicit_bzero(&entropy, sizeof entropy);
	(void)close(fd);
	return failed;
}

int entropy_seed(struct nsm *nsm, struct fault *fault)
{
	uint8_t seed[SEED_SIZE];
	int failed = nsm_random(nsm, seed, sizeof seed, fault);

	if (failed == 0 && add(seed) != 0)
		failed = fault_io(fault, errno, "the kernel takes no random numbers of the NSM");
	explicit_bzero(seed, sizeof seed);
	return failed;
}

/* A socket at its place is the simulator, which knows nothing of this machine's hardware. */
void entropy_check(void)
{
	char name[64] = "";
	struct stat device;
	int fd;

	if (stat(NSM_PATH, &device) != 0 || !S_ISCHR(device.st_mode))
		return;
	fd = open(SOURCE, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!read(fd, name, sizeof name - 1u);
		(void)close(fd);
	}
	name[strcspn(name, "\n")] = '\0';
	LOG(strcmp(name, EXPECTED) == 0 ? LOG_INFO : LOG_WARNING,
		"the hardware's random numbers are of", log_string("source", name),
		log_string("expected", EXPECTED));
}
