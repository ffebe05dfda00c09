# gen/pcr_life.c: a locked register says that it was extended
s/effects += PCR_LIFE_DO_REFUSE/effects += PCR_LIFE_DO_GRANT/
