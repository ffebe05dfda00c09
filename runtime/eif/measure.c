/* measure: see measure.h. */
#include "runtime/eif/measure.h"

#include <string.h>

enum consumer { CONSUMER_IMAGE, CONSUMER_APPLICATION };

static bool is_boot(const struct block *block)
{
	return block->type == EIF_TYPE_KERNEL || block->type == EIF_TYPE_CMDLINE ||
	       (block->type == EIF_TYPE_RAMDISK && block->first_ramdisk);
}

static bool is_application(const struct block *block)
{
	return block->type == EIF_TYPE_RAMDISK && !block->first_ramdisk;
}

static bool update(EVP_MD_CTX *context, const struct block *block)
{
	return EVP_DigestUpdate(context, block->bytes, block->size) == 1;
}

/* Streams 0 and 1. They are one until a later ramdisk comes. */
static bool hash_image(struct measure *measure, const struct block *block)
{
	if (is_application(block)) {
		if (!measure->boot_apart && EVP_MD_CTX_copy_ex(measure->boot, measure->image) != 1)
			return false;
		measure->boot_apart = true;
		return update(measure->image, block);
	}
	if (!is_boot(block))
		return true;
	if (measure->boot_apart && !update(measure->boot, block))
		return false;
	return update(measure->image, block);
}

static bool start(EVP_MD_CTX *context)
{
	return EVP_DigestInit_ex(context, EVP_sha384(), NULL) == 1;
}

static bool finish_copy(struct measure *measure, const EVP_MD_CTX *from, uint8_t *digest)
{
	return EVP_MD_CTX_copy_ex(measure->scratch, from) == 1 &&
	       EVP_DigestFinal_ex(measure->scratch, digest, NULL) == 1;
}

/* Stream 2, and the section's own digest. A first application ramdisk is hashed once for both. */
static bool hash_application(struct measure *measure, const struct block *block)
{
	if (block->begins_section) {
		measure->borrowed = is_application(block) && !measure->application_begun;
		if (measure->with_sections && !start(measure->section))
			return false;
	}
	if (is_application(block)) {
		measure->application_begun = true;
		if (!update(measure->application, block))
			return false;
	}
	if (!measure->with_sections)
		return true;
	if (!measure->borrowed && !update(measure->section, block))
		return false;
	if (!block->ends_section)
		return true;
	return finish_copy(measure, measure->borrowed ? measure->application : measure->section,
		measure->section_digests[block->section]);
}

static void *image_thread(void *argument)
{
	struct measure *measure = argument;
	const struct block *block;

	while ((block = ring_take(&measure->ring, CONSUMER_IMAGE)) != NULL) {
		if (!measure->image_failed)
			measure->image_failed = !hash_image(measure, block);
		ring_release(&measure->ring, CONSUMER_IMAGE);
	}
	return NULL;
}

static void *application_thread(void *argument)
{
	struct measure *measure = argument;
	const struct block *block;

	while ((block = ring_take(&measure->ring, CONSUMER_APPLICATION)) != NULL) {
		if (!measure->application_failed)
			measure->application_failed = !hash_application(measure, block);
		ring_release(&measure->ring, CONSUMER_APPLICATION);
	}
	return NULL;
}

static int refuse(struct fault *fault)
{
	return fault_set(fault, "crypto", "libcrypto refuses to compute SHA-384");
}

static int run(struct measure *measure, void *(*thread)(void *), struct fault *fault)
{
	int error = pthread_create(&measure->threads[measure->running], NULL, thread, measure);

	if (error != 0)
		return fault_set(fault, "memory", "can't start a thread: %s", strerror(error));
	measure->running++;
	return 0;
}

int measure_start(struct measure *measure, bool with_sections, struct fault *fault)
{
	memset(measure, 0, sizeof *measure);
	measure->with_sections = with_sections;
	if (ring_open(&measure->ring, RING_CONSUMERS_MAX, fault) < 0)
		return -1;
	measure->image = EVP_MD_CTX_new();
	measure->boot = EVP_MD_CTX_new();
	measure->application = EVP_MD_CTX_new();
	measure->section = EVP_MD_CTX_new();
	measure->scratch = EVP_MD_CTX_new();
	if (measure->image == NULL || measure->boot == NULL || measure->application == NULL ||
		measure->section == NULL || measure->scratch == NULL)
		return fault_set(fault, "memory", "no memory for hash states");
	if (!start(measure->image) || !start(measure->application))
		return refuse(fault);
	if (run(measure, image_thread, fault) < 0)
		return -1;
	return run(measure, application_thread, fault);
}

static void stop(struct measure *measure)
{
	if (measure->running == 0)
		return;
	ring_close(&measure->ring);
	for (unsigned i = 0; i < measure->running; i++)
		pthread_join(measure->threads[i], NULL);
	measure->running = 0;
}

int measure_finish(struct measure *measure, struct measurements *measurements, struct fault *fault)
{
	EVP_MD_CTX *boot = measure->boot;
	uint8_t digest[MEASURE_SIZE];

	stop(measure);
	if (measure->image_failed || measure->application_failed)
		return refuse(fault);
	if (!measure->boot_apart)
		boot = measure->image;
	if (!finish_copy(measure, measure->image, digest) ||
		measure_extend(digest, measurements->pcrs[0], fault) < 0)
		return refuse(fault);
	if (!finish_copy(measure, boot, digest) ||
		measure_extend(digest, measurements->pcrs[1], fault) < 0)
		return refuse(fault);
	if (!finish_copy(measure, measure->application, digest) ||
		measure_extend(digest, measurements->pcrs[2], fault) < 0)
		return refuse(fault);
	memcpy(measurements->sections, measure->section_digests, sizeof measurements->sections);
	return 0;
}

void measure_free(struct measure *measure)
{
	stop(measure);
	EVP_MD_CTX_free(measure->scratch);
	EVP_MD_CTX_free(measure->section);
	EVP_MD_CTX_free(measure->application);
	EVP_MD_CTX_free(measure->boot);
	EVP_MD_CTX_free(measure->image);
	ring_free(&measure->ring);
	memset(measure, 0, sizeof *measure);
}

int measure_extend(
	const uint8_t digest[MEASURE_SIZE], uint8_t pcr[MEASURE_SIZE], struct fault *fault)
{
	uint8_t input[2 * MEASURE_SIZE] = {0};

	memcpy(input + MEASURE_SIZE, digest, MEASURE_SIZE);
	if (EVP_Digest(input, sizeof input, pcr, NULL, EVP_sha384(), NULL) != 1)
		return refuse(fault);
	return 0;
}

void measure_hex(const uint8_t value[MEASURE_SIZE], char text[MEASURE_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < MEASURE_SIZE; i++) {
		text[2 * i] = digits[value[i] / 16];
		text[2 * i + 1] = digits[value[i] % 16];
	}
	text[MEASURE_HEX_SIZE - 1] = '\0';
}
