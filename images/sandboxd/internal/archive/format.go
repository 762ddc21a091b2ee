// Package archive makes an archive of a folder, and puts the entries of one into a folder. The folder's content belongs to untrusted
// code that changes it meanwhile, and an archive that comes in to whoever sent it: whatever is in either, nothing is read or written
// outside the folder, and memory stays bounded.
package archive

import "agenttier.io/images/sandboxd/internal/fault"

// Format of an archive.
type Format string

// The formats. Tar is for archives that come in only.
const (
	Zip   Format = "zip"
	TarGz Format = "tar.gz"
	Tar   Format = "tar"
)

// WritableFormat reads the format of an archive to make; empty is zip.
func WritableFormat(text string) (Format, error) {
	switch f := Format(text); f {
	case "":
		return Zip, nil
	case Zip, TarGz:
		return f, nil
	}
	return "", fault.BadRequest("format %.40q: expected zip or tar.gz", text)
}

// ReadableFormat reads the format of an archive that comes in; empty is zip.
func ReadableFormat(text string) (Format, error) {
	if Format(text) == Tar {
		return Tar, nil
	}
	if f, err := WritableFormat(text); err == nil {
		return f, nil
	}
	return "", fault.BadRequest("format %.40q: expected zip, tar.gz or tar", text)
}
