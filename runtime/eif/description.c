/* description: see description.h. */
#include "runtime/eif/description.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/eif/certificate.h"
#include "runtime/eif/metadata.h"
#include "runtime/eif/reader.h"
#include "runtime/eif/signature.h"

void emit_measurements(
	struct emit *emit, const struct measurements *measurements, const uint8_t *signer)
{
	static const char *const names[] = {"PCR0", "PCR1", "PCR2"};
	char text[MEASURE_HEX_SIZE];

	emit_begin(emit, "Measurements", '{');
	emit_string(emit, "HashAlgorithm", "Sha384 { ... }");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		measure_hex(measurements->pcrs[i], text);
		emit_string(emit, names[i], text);
	}
	if (signer != NULL) {
		measure_hex(signer, text);
		emit_string(emit, "PCR8", text);
	}
	emit_end(emit, '}');
}

/* What is known of an image once all of it was read. */
struct description {
	struct image image;
	struct measurements measurements;
	uint32_t crc;
	json_t *metadata;  /* NULL before version 4 */
	X509 *certificate; /* NULL in an unsigned image */
	uint8_t signer[MEASURE_SIZE];
	bool signature_good;
	bool sections_wanted;
};

static int read_metadata(struct description *description, struct fault *fault)
{
	const struct image *image = &description->image;
	uint32_t section = image->contents.metadata;
	uint8_t *bytes;

	if (section == EIF_SECTIONS_MAX)
		return 0;
	if (image_section(image, section, &bytes, fault) < 0)
		return -1;
	description->metadata = metadata_read(
		(const char *)bytes, (size_t)image->sections[section].size, image->path, fault);
	free(bytes);
	return description->metadata == NULL ? -1 : 0;
}

/* Reads the signature section's bytes. */
static int check_signature(struct description *description, const uint8_t *bytes, size_t size,
	struct signature *signature, struct fault *fault)
{
	if (signature_decode(bytes, size, signature, fault) < 0)
		return -1;
	description->certificate =
		certificate_read(signature->certificate, signature->certificate_size, fault);
	if (description->certificate == NULL ||
		certificate_measure(description->certificate, description->signer, fault) < 0)
		return -1;
	return signature_verify(signature, description->certificate,
		description->measurements.pcrs[0], &description->signature_good, fault);
}

static int read_signature(struct description *description, struct fault *fault)
{
	const struct image *image = &description->image;
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
	else
		status = check_signature(description, bytes, (size_t)image->sections[section].size,
			signature, fault);
	free(signature);
	free(bytes);
	return status;
}

/* Streams the whole image by the hashes and the CRC. */
static int measure_image(struct description *description, struct fault *fault)
{
	struct measure measure;
	struct eif_stream stream;
	int status = measure_start(&measure, description->sections_wanted, fault);

	if (status == 0)
		status = eif_stream_open(&stream, &measure, NULL, description->image.size, fault);
	if (status == 0) {
		status = image_flow(&description->image, &stream, NULL, fault);
		description->crc = stream.crc;
		eif_stream_close(&stream);
	}
	if (status == 0)
		status = measure_finish(&measure, &description->measurements, fault);
	measure_free(&measure);
	return status;
}

static void emit_sections(struct emit *emit, const struct description *description)
{
	const struct image *image = &description->image;
	char text[MEASURE_HEX_SIZE];

	emit_begin(emit, "Sections", '[');
	for (uint32_t i = 0; i < image->header.section_count; i++) {
		measure_hex(description->measurements.sections[i], text);
		emit_begin(emit, NULL, '{');
		emit_string(emit, "Type", image_type_name(image->sections[i].type));
		emit_integer(emit, "Offset", image->header.section_offsets[i]);
		emit_integer(emit, "Size", image->sections[i].size);
		emit_string(emit, "SHA384", text);
		emit_end(emit, '}');
	}
	emit_end(emit, ']');
}

static int print(const struct description *description, struct fault *fault)
{
	const struct eif_header *header = &description->image.header;
	bool is_signed = description->certificate != NULL;
	struct emit emit;

	emit_start(&emit, stdout, true);
	emit.terminal = isatty(STDOUT_FILENO);
	emit_begin(&emit, NULL, '{');
	emit_integer(&emit, "EifVersion", header->version);
	emit_measurements(
		&emit, &description->measurements, is_signed ? description->signer : NULL);
	emit_bool(&emit, "IsSigned", is_signed);
	if (is_signed)
		certificate_emit(&emit, description->certificate);
	emit_bool(&emit, "CheckCRC", description->crc == header->crc32);
	if (is_signed)
		emit_bool(&emit, "SignatureCheck", description->signature_good);
	if (description->metadata != NULL)
		metadata_emit(&emit, description->metadata);
	if (description->sections_wanted)
		emit_sections(&emit, description);
	emit_end(&emit, '}');
	return emit_finish(&emit, fault);
}

/* The checks that JSON shows as false end the program with a fault, too. */
static int judge(const struct description *description, struct fault *fault)
{
	const struct image *image = &description->image;

	if (description->crc != image->header.crc32)
		return fault_set(fault, "crc",
			"%s: the CRC in the header is false (byte %d: expected %08x, found %08x)",
			image->path, EIF_CRC_OFFSET, description->crc, image->header.crc32);
	if (description->certificate != NULL && !description->signature_good)
		return fault_set(fault, "signature",
			"%s: the signature is not one of its certificate over this image",
			image->path);
	return 0;
}

static int describe(struct description *description, const char *path, struct fault *fault)
{
	if (image_open(&description->image, path, fault) < 0)
		return -1;
	if (measure_image(description, fault) < 0 || read_metadata(description, fault) < 0 ||
		read_signature(description, fault) < 0 || print(description, fault) < 0)
		return -1;
	return judge(description, fault);
}

int describe_image(const char *path, bool sections, struct fault *fault)
{
	struct description *description = calloc(1, sizeof *description);
	int status;

	if (description == NULL)
		return fault_set(fault, "memory", "no memory");
	description->image.fd = -1;
	description->sections_wanted = sections;
	status = describe(description, path, fault);
	json_decref(description->metadata);
	X509_free(description->certificate);
	image_close(&description->image);
	free(description);
	return status;
}
