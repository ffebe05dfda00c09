/* image: see image.h. */
#include "host/nsmsim/image.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/eif/certificate.h"
#include "runtime/eif/reader.h"
#include "runtime/eif/signature.h"

#define SIGNER 8u /* the register of the signer's certificate */

static int measure(
	const struct image *image, struct measurements *measurements, struct fault *fault)
{
	struct measure measure;
	struct eif_stream stream;
	uint32_t crc = 0;
	int status = measure_start(&measure, false, fault);

	if (status == 0)
		status = eif_stream_open(&stream, &measure, NULL, image->size, fault);
	if (status == 0) {
		status = image_flow(image, &stream, NULL, fault);
		crc = stream.crc;
		eif_stream_close(&stream);
	}
	if (status == 0)
		status = measure_finish(&measure, measurements, fault);
	measure_free(&measure);
	if (status == 0 && crc != image->header.crc32)
		return fault_set(fault, "crc", "%s: the CRC in the header is false", image->path);
	return status;
}

static int check_signature(struct bank *bank, const struct image *image,
	const struct signature *signature, struct fault *fault)
{
	X509 *certificate =
		certificate_read(signature->certificate, signature->certificate_size, fault);
	bool is_good = false;
	int status = -1;

	if (certificate != NULL &&
		certificate_measure(certificate, bank->values[SIGNER], fault) == 0)
		status = signature_verify(signature, certificate, bank->values[0], &is_good, fault);
	X509_free(certificate);
	if (status == 0 && !is_good)
		return fault_set(fault, "signature",
			"%s: the signature is not one of its certificate over this image",
			image->path);
	return status;
}

static int read_signature(struct bank *bank, const struct image *image, struct fault *fault)
{
	uint32_t section = image->contents.signature;
	struct signature *signature;
	uint8_t *bytes;
	int status = -1;

	if (section == EIF_SECTIONS_MAX)
		return 0;
	if (image_section(image, section, &bytes, fault) < 0)
		return -1;
	signature = malloc(sizeof *signature);
	if (signature == NULL)
		(void)fault_set(fault, "memory", "no memory for a signature");
	else if (signature_decode(bytes, (size_t)image->sections[section].size, signature, fault) ==
		 0)
		status = check_signature(bank, image, signature, fault);
	free(signature);
	free(bytes);
	return status;
}

int image_measure(struct bank *bank, const char *path, struct fault *fault)
{
	struct measurements *measurements = calloc(1, sizeof *measurements);
	struct image image = {.fd = -1};
	int status;

	if (measurements == NULL)
		return fault_set(fault, "memory", "no memory");
	status = image_open(&image, path, fault);
	if (status == 0) {
		status = measure(&image, measurements, fault);
		if (status == 0)
			memcpy(bank->values, measurements->pcrs, sizeof measurements->pcrs);
		if (status == 0)
			status = read_signature(bank, &image, fault);
		image_close(&image);
	}
	free(measurements);
	return status;
}
