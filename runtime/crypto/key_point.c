/* key_point: whether 32 bytes are a public key of Ed25519 that anybody can have made. libcrypto
 * finds out only when it verifies, and takes points of small order, with which signatures of
 * some messages are good without a private key. */
#include <openssl/bn.h>

#include "runtime/crypto/key_inside.h"

/* Numbers modulo p = 2^255 - 19. */
struct field {
	BN_CTX *context;
	BIGNUM *p, *d;
	BIGNUM *y, *u, *v, *t; /* u = y^2 - 1 and v = d y^2 + 1; the point's x^2 is u / v */
};

/* d of the curve, -121665 / 121666. */
static bool make_d(struct field *f)
{
	return BN_set_word(f->t, 121666) == 1 &&
	       BN_mod_inverse(f->d, f->t, f->p, f->context) != NULL &&
	       BN_set_word(f->t, 121665) == 1 &&
	       BN_mod_mul(f->d, f->d, f->t, f->p, f->context) == 1 &&
	       BN_mod_sub(f->d, f->p, f->d, f->p, f->context) == 1;
}

static bool begin(struct field *f)
{
	f->p = BN_CTX_get(f->context);
	f->d = BN_CTX_get(f->context);
	f->y = BN_CTX_get(f->context);
	f->u = BN_CTX_get(f->context);
	f->v = BN_CTX_get(f->context);
	f->t = BN_CTX_get(f->context);
	return f->t != NULL && BN_set_bit(f->p, 255) == 1 && BN_sub_word(f->p, 19) == 1 &&
	       make_d(f);
}

/* u, v, and t = u v, which is a square exactly if u / v is. */
static bool make_square(struct field *f)
{
	return BN_mod_sqr(f->t, f->y, f->p, f->context) == 1 &&
	       BN_mod_sub(f->u, f->t, BN_value_one(), f->p, f->context) == 1 &&
	       BN_mod_mul(f->v, f->t, f->d, f->p, f->context) == 1 &&
	       BN_mod_add(f->v, f->v, BN_value_one(), f->p, f->context) == 1 &&
	       BN_mod_mul(f->t, f->u, f->v, f->p, f->context) == 1;
}

/* Twice a point has the y of (y^2 + x^2) over something; where that is 0 the order is 8:
 * u + y^2 v = 0. The orders 1 and 2 have u = 0, and 4 has y = 0. */
static bool is_of_small_order(struct field *f)
{
	if (BN_is_zero(f->y) || BN_is_zero(f->u))
		return true;
	return BN_mod_sqr(f->t, f->y, f->p, f->context) != 1 ||
	       BN_mod_mul(f->t, f->t, f->v, f->p, f->context) != 1 ||
	       BN_mod_add(f->t, f->t, f->u, f->p, f->context) != 1 || BN_is_zero(f->t);
}

bool key_point_ok(const uint8_t point[32])
{
	struct field f = {.context = BN_CTX_new()};
	uint8_t bytes[32];
	bool is_ok = false;

	if (f.context == NULL)
		return false;
	BN_CTX_start(f.context);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = point[i];
	bytes[31] &= 0x7f; /* the sign of x */
	if (begin(&f) && BN_lebin2bn(bytes, sizeof bytes, f.y) != NULL && BN_cmp(f.y, f.p) < 0 &&
		make_square(&f))
		is_ok = BN_kronecker(f.t, f.p, f.context) == 1 && !is_of_small_order(&f);
	BN_CTX_end(f.context);
	BN_CTX_free(f.context);
	return is_ok;
}
