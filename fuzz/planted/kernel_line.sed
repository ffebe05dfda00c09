# gen/kernel_line.c: "retoot: " is the word
s/case 98u: goto tr21;/case 116u: goto tr21;/
