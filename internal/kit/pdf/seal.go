package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// A seal is a comment line before the end of the file. It names a key, says
// where in the file the attached payload lies, and carries a signature over
// the SHA-256 of the whole file with the signature's own digits set to zero:
//
//	%KapokSeal/1 KEY OFFSET LENGTH SIGNATURE
//	startxref
//	…
//	%%EOF
//
// So every byte of the file is covered, and nothing can be added behind it.
const (
	sealMark      = "%KapokSeal/1"
	signatureSize = 64 // Ed25519
)

var sealLine = regexp.MustCompile(`\n` + sealMark +
	` ([A-Za-z0-9_-]{43}) ([0-9]{10}) ([0-9]{10}) ([0-9a-f]{128})\nstartxref\n[0-9]{1,10}\n%%EOF\n$`)

// No seal line with its ending is longer than this.
const sealRoom = 300

// ErrNoSeal says that a file is no sealed document, or that its ending was changed.
var ErrNoSeal = errors.New("pdf: the file has no seal at its end")

// Seal is what a sealed file says: check Signature over Message with the key
// before believing Payload.
type Seal struct {
	KeyID     string
	Payload   []byte
	Message   []byte
	Signature []byte
}

// Sealed is the finished document with payload attached as the file "name"
// and a seal made by sign. keyID is a JWK thumbprint (43 characters).
func (d *Doc) Sealed(name string, payload []byte, keyID string, sign func(message []byte) ([]byte, error)) ([]byte, error) {
	w, at, err := d.write(&attachment{name, payload})
	if err != nil {
		return nil, err
	}
	blank := bytes.Repeat([]byte{'0'}, 2*signatureSize)
	file := w.trailer(fmt.Sprintf("%s %s %010d %010d %s\n", sealMark, keyID, at, len(payload), blank))
	spot := sealLine.FindSubmatchIndex(file)
	if spot == nil {
		return nil, fmt.Errorf("pdf: key id %q does not fit a seal", keyID)
	}
	signature, err := sign(sealMessage(file))
	if err != nil {
		return nil, err
	}
	if len(signature) != signatureSize {
		return nil, fmt.Errorf("pdf: a signature of %d bytes does not fit a seal", len(signature))
	}
	hex.Encode(file[spot[8]:spot[9]], signature)
	return file, nil
}

// ReadSeal finds the seal of a file. It checks the form only.
func ReadSeal(file []byte) (Seal, error) {
	cut := max(0, len(file)-sealRoom)
	spot := sealLine.FindSubmatchIndex(file[cut:])
	if spot == nil || !bytes.HasPrefix(file, []byte("%PDF-")) {
		return Seal{}, ErrNoSeal
	}
	group := func(i int) []byte { return file[cut+spot[2*i] : cut+spot[2*i+1]] }
	at, _ := strconv.Atoi(string(group(2))) // ten digits
	size, _ := strconv.Atoi(string(group(3)))
	if at+size > cut+spot[0] {
		return Seal{}, ErrNoSeal
	}
	signature := make([]byte, signatureSize)
	if _, err := hex.Decode(signature, group(4)); err != nil {
		return Seal{}, ErrNoSeal
	}
	blanked := bytes.Clone(file)
	copy(blanked[cut+spot[8]:cut+spot[9]], bytes.Repeat([]byte{'0'}, 2*signatureSize))
	return Seal{
		KeyID: string(group(1)), Payload: file[at : at+size],
		Message: sealMessage(blanked), Signature: signature,
	}, nil
}

// sealMessage is what is signed: a name that no other signature of ours
// begins with, and the hash of the file with blank signature digits.
func sealMessage(blanked []byte) []byte {
	sum := sha256.Sum256(blanked)
	return append([]byte("kapok pdf seal 1\n"), hex.EncodeToString(sum[:])...)
}

// attachment is a file inside the document, uncompressed, so that it can be
// read without a PDF library.
type attachment struct {
	name string
	data []byte
}

func (a *attachment) write(w *writer, meta Meta) (at int, catalog string) {
	spec, file := w.reserve(), w.reserve()
	made := date(meta.Created)
	at = w.stream(file, fmt.Sprintf("/Type/EmbeddedFile/Subtype/application#2Fjson/Params<</Size %d/CreationDate%s/ModDate%s>>",
		len(a.data), made, made), a.data)
	w.object(spec, "<</Type/Filespec/F%s/UF%s/EF<</F %d 0 R/UF %d 0 R>>>>",
		literal(a.name), utf16Text(a.name), file, file)
	return at, fmt.Sprintf("/Names<</EmbeddedFiles<</Names[%s %d 0 R]>>>>", literal(a.name), spec)
}
