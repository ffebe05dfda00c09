# gen/env_line.c: a value may have a NUL in it
/^case 3:$/,/^	}$/s/case 0u: goto tr0;//
