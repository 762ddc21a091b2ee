/* program echo WORD...   prints the words
   program exit CODE      ends with CODE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "exit") == 0) return atoi(argv[2]);
    if (argc < 3 || strcmp(argv[1], "echo") != 0) {
        fprintf(stderr, "program: expected echo WORD... or exit CODE\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) printf(i + 1 < argc ? "%s " : "%s\n", argv[i]);
    return 0;
}
