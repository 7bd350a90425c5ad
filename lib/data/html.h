/* html: text as HTML, and the frame of a page that needs nothing but itself: no script, no font, no image and
 * no style from elsewhere, which its own policy forbids, too. */
#ifndef DL_HTML_H
#define DL_HTML_H

struct dl_buf;

/* dl_html_begin(buf, title), dl_html_end(buf): the beginning of the page up to its heading, and the end. */
void dl_html_begin(struct dl_buf *buf, const char *title);
void dl_html_end(struct dl_buf *buf);

/* dl_html_text(buf, text): appends TEXT so that it is text wherever it stands, also in an attribute between
 * double quotes; NULL appends nothing. What has no place in a text, as what changes its direction, is left
 * out. */
void dl_html_text(struct dl_buf *buf, const char *text);

/* dl_html_link(buf, url, class, label): appends the beginning of a link to URL, or of a plain span where URL
 * is none of the web (NULL, "javascript:..."). LABEL, which is read aloud and shown under the pointer, and
 * CLASS may be NULL. Returns the name of the element that is to be closed. */
const char *dl_html_link(struct dl_buf *buf, const char *url, const char *class, const char *label);

#endif
