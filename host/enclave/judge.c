/* judge: see judge.h. */
#include "host/enclave/judge.h"

#include <stdlib.h>

#include "runtime/eif/certificate.h"
#include "runtime/eif/metadata.h"
#include "runtime/eif/signature.h"

struct values {
	struct measurements measurements;
	uint8_t signer[MEASURE_SIZE];
};

static int measure_image(const struct image *image, struct values *values, struct fault *fault)
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
		status = measure_finish(&measure, &values->measurements, fault);
	measure_free(&measure);
	if (status == 0 && crc != image->header.crc32)
		return fault_set(fault, "crc", "%s: the CRC in the header is false: it is damaged",
			image->path);
	return status;
}

static int check_signature(const struct image *image, struct values *values,
	const struct signature *signature, struct fault *fault)
{
	X509 *certificate =
		certificate_read(signature->certificate, signature->certificate_size, fault);
	bool good = false;
	int status = -1;

	if (certificate != NULL && certificate_measure(certificate, values->signer, fault) == 0)
		status = signature_verify(
			signature, certificate, values->measurements.pcrs[0], &good, fault);
	X509_free(certificate);
	if (status == 0 && !good)
		return fault_set(fault, "signature",
			"%s: the signature is not one of its certificate over this image",
			image->path);
	return status;
}

static int read_signature(const struct image *image, struct values *values, struct fault *fault)
{
	struct signature *signature = malloc(sizeof *signature);
	uint32_t section = image->contents.signature;
	uint8_t *bytes = NULL;
	int status = -1;

	if (signature == NULL)
		(void)fault_set(fault, "memory", "no memory for a signature");
	else if (image_section(image, section, &bytes, fault) == 0 &&
		 signature_decode(bytes, (size_t)image->sections[section].size, signature, fault) ==
			 0)
		status = check_signature(image, values, signature, fault);
	free(bytes);
	free(signature);
	return status;
}

static json_t *pack_measurements(const struct values *values, bool is_signed)
{
	char texts[4][MEASURE_HEX_SIZE];
	json_t *json;

	for (int i = 0; i < 3; i++)
		measure_hex(values->measurements.pcrs[i], texts[i]);
	measure_hex(values->signer, texts[3]);
	json = json_pack("{s:s, s:s, s:s, s:s}", "HashAlgorithm", "Sha384 { ... }", "PCR0",
		texts[0], "PCR1", texts[1], "PCR2", texts[2]);
	if (json != NULL && is_signed)
		(void)json_object_set_new(json, "PCR8", json_string(texts[3]));
	return json;
}

/* By way of the text that `eif describe` prints, so that both print the same. */
static json_t *pack_metadata(const json_t *metadata)
{
	struct emit emit;
	json_t *json = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (file == NULL)
		return NULL;
	emit_start(&emit, file, false);
	emit_begin(&emit, NULL, '{');
	metadata_emit(&emit, metadata);
	emit_end(&emit, '}');
	if (fclose(file) == 0)
		json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	free(text);
	return json;
}

static int read_metadata(struct judged *judged, struct fault *fault)
{
	const struct image *image = &judged->image;
	uint32_t section = image->contents.metadata;
	json_t *metadata;
	uint8_t *bytes;

	if (section == EIF_SECTIONS_MAX) {
		judged->metadata = json_object();
		return 0;
	}
	if (image_section(image, section, &bytes, fault) < 0)
		return -1;
	metadata = metadata_read(
		(const char *)bytes, (size_t)image->sections[section].size, image->path, fault);
	free(bytes);
	if (metadata == NULL)
		return -1;
	judged->metadata = pack_metadata(metadata);
	json_decref(metadata);
	return judged->metadata != NULL ? 0 : fault_set(fault, "memory", "no memory for metadata");
}

int judge_open(struct judged *judged, const char *path, struct fault *fault)
{
	bool is_signed;
	struct values values = {0};

	*judged = (struct judged){.image.fd = -1};
	if (image_open(&judged->image, path, fault) < 0 ||
		measure_image(&judged->image, &values, fault) < 0 ||
		read_metadata(judged, fault) < 0)
		return -1;
	is_signed = judged->image.contents.signature != EIF_SECTIONS_MAX;
	if (is_signed && read_signature(&judged->image, &values, fault) < 0)
		return -1;
	judged->measurements = pack_measurements(&values, is_signed);
	return judged->measurements != NULL
		       ? 0
		       : fault_set(fault, "memory", "no memory for measurements");
}

void judge_close(struct judged *judged)
{
	json_decref(judged->measurements);
	json_decref(judged->metadata);
	if (judged->image.fd >= 0)
		image_close(&judged->image);
}
