/* How this firmware was built: provenance of every cost table that is measured on it. */

extern const char firmware_build[];

const char firmware_build[] = "style " BUILD_STYLE "; gcc " __VERSION__ "; flags " BUILD_FLAGS
                              "; sources sha256 " BUILD_HASH;
