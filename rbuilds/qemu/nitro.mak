# The one machine that is wanted; Kconfig adds what it needs.
CONFIG_NITRO_ENCLAVE=y
