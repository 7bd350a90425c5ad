/* mime: the media types of files that are published, by the ends of their names. */
#ifndef DL_MIME_H
#define DL_MIME_H

/* dl_mime_type(name): the media type of a file called NAME, in any case of its letters;
 * "application/octet-stream" for those that are not known. What the machine has registered does not matter,
 * so that everybody publishes the same. */
const char *dl_mime_type(const char *name);

#endif
