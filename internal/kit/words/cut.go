package words

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed words.txt.gz
var packedWords []byte

// own are words of the field that the general list lacks.
const own = "义工 河涌 卖旗 护老院 安老院 党群 乡村振兴 垃圾分类 献血 控烟 禁毒 助农 助残 敬老 护学 巡河 治水 文明实践 公益 长者 社工 亲子 驿站"

// dictionary holds the words, sorted, with what each costs: the rarer the dearer.
type dictionary struct {
	words []string
	costs []float32
	lone  float32 // cost of a character that is in no word
}

// maxWord is the longest word, in characters.
const maxWord = 4

// dict unpacks the dictionary when the first query needs it (some 20 ms, 3 MB).
var dict = sync.OnceValue(func() dictionary {
	zip, err := gzip.NewReader(bytes.NewReader(packedWords))
	if err != nil {
		panic(err) // linked into the program
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		panic(err)
	}
	freq := map[string]int{}
	total := 0
	for line := range strings.Lines(string(text)) {
		word, count, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.Atoi(count)
		freq[word] = n
		total += n
	}
	for _, w := range strings.Fields(own) {
		freq[w] = max(freq[w], 500)
	}
	d := dictionary{lone: float32(math.Log(float64(total))), words: make([]string, 0, len(freq))}
	for w := range freq {
		d.words = append(d.words, w)
	}
	slices.Sort(d.words)
	d.costs = make([]float32, len(d.words))
	for i, w := range d.words {
		d.costs[i] = float32(math.Log(float64(total) / float64(freq[w])))
	}
	return d
})

func (d dictionary) cost(word string) (float32, bool) {
	i, ok := slices.BinarySearch(d.words, word)
	if !ok {
		return 0, false
	}
	return d.costs[i], true
}

// cut divides a run of characters into words so that their costs add up to
// the least. Neighbouring characters that are in no word stay together: they
// are likely a name.
func cut(chars []rune) [][]rune {
	d := dict()
	best := make([]float32, len(chars)+1) // best[i]: cost of the first i characters
	from := make([]int, len(chars)+1)
	for end := 1; end <= len(chars); end++ {
		best[end], from[end] = best[end-1]+d.lone, end-1
		for start := max(0, end-maxWord); start < end-1; start++ {
			if c, ok := d.cost(string(chars[start:end])); ok && best[start]+c < best[end] {
				best[end], from[end] = best[start]+c, start
			}
		}
	}
	var out [][]rune
	for end := len(chars); end > 0; end = from[end] {
		out = append(out, chars[from[end]:end])
	}
	slices.Reverse(out)
	return joinSingles(out)
}

func joinSingles(in [][]rune) [][]rune {
	var out [][]rune
	single := false // whether the last of out consists of single characters
	for _, w := range in {
		if len(w) == 1 && single {
			last := out[len(out)-1]
			out[len(out)-1] = last[:len(last)+1] // the next character of the same run
			continue
		}
		out, single = append(out, w), len(w) == 1
	}
	return out
}
