package certificate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		choice Choice
		n      int
		want   string
	}{
		{minimal(i18n.ZhHans), 1, "兹证明 [张三] 于 2026 年 3 月 1 日，参加社区服务志愿服务 [1] 次，服务时间共 [1.50] 小时。"},
		{minimal(i18n.ZhHant), 3, "茲證明 [张三] 於 2026 年 3 月 1 日至 3 月 3 日，參加社區服務、衞生健康志願服務 [3] 次，服務時間共 [4.55] 小時。"},
		{
			everything(i18n.ZhHans), 3,
			"兹证明 [张三]（居民身份证尾号 1234，志愿者编号 K7Q-4821） 于 2026 年 3 月 1 日至 3 月 3 日，参加社区服务、卫生健康志愿服务 [3] 次，" +
				"服务时间共 [4.55] 小时（A 级 3.02，B 级 1.53）。",
		},
		{
			Choice{Language: i18n.En, Name: NumberOnly}, 400,
			"This is to certify that [volunteer K7Q-4821] served as a volunteer in Health, Community service [400] times " +
				"between 1 March 2026 and 4 April 2027, giving [790.00] hours of service in all.",
		},
		{
			Choice{Language: i18n.En, Name: MaskedName}, 1,
			"This is to certify that [张*] served as a volunteer in Community service [1] time on 1 March 2026, giving [1.50] hours of service in all.",
		},
	} {
		s := stated(c.choice, someone("张三"), someHours(c.n))
		got := strings.NewReplacer(stressOn, "[", stressOff, "]", nbsp, " ").Replace(words{s.Language}.sentence(s))
		if got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Every language, few and many records, sparse and full: a valid PDF with the
// pages it needs.
func TestEveryDocumentIsValid(t *testing.T) {
	t.Parallel()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationStrict
	for _, l := range i18n.Langs {
		for n, pages := range map[int][2]int{1: {1, 2}, 31: {1, 3}, 200: {1, 11}} {
			for i, c := range []Choice{minimal(l), everything(l)} {
				doc, err := draw(fonts(t), stated(c, someone("阿依古丽·买买提𠮷䶮𫖮㛃镕堃"), someHours(n)))
				if err != nil {
					t.Fatal(err)
				}
				file, err := doc.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				if err := api.Validate(bytes.NewReader(file), conf); err != nil {
					t.Errorf("%s, %d records: %v", l, n, err)
				}
				if got := len(doc.Pages()); got != pages[i] {
					t.Errorf("%s, %d records, choice %d: %d pages, want %d", l, n, i, got, pages[i])
				}
			}
		}
	}
}

// The longest names that the platform takes, and many recording units.
func TestLongNamesStayOnThePage(t *testing.T) {
	t.Parallel()
	hours := someHours(40)
	for i := range hours {
		hours[i].Unit = fmt.Sprintf("第%d", i%7) + strings.Repeat("广东省广州市越秀区志愿者联合会", 6)
		hours[i].Activity = strings.Repeat("陪伴长者", 25)
		hours[i].Content = strings.Repeat("Reading aloud and measuring blood pressure. ", 20)
	}
	for _, l := range i18n.Langs {
		for _, name := range []string{strings.Repeat("龘", 64), strings.Repeat("Maria ", 10) + "Wxyz"} {
			doc, err := draw(fonts(t), stated(everything(l), someone(name), hours))
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range doc.Pages() {
				if !p.Inside() {
					t.Errorf("%s, %.6s…: something stands outside page %d", l, name, i+1)
				}
			}
		}
	}
}

func TestMissingGlyphAnywhere(t *testing.T) {
	t.Parallel()
	hours := someHours(2)
	hours[1].Content = "送\U00030000"
	doc, err := draw(fonts(t), stated(everything(i18n.ZhHans), someone("张三"), hours))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.Bytes(); !errors.As(err, new(*pdf.MissingGlyphs)) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkPDF(b *testing.B) {
	f := fonts(b)
	key := newSeedKey(1)
	for _, n := range []int{1, 30, 200} {
		st := stated(everything(i18n.ZhHans), someone("张三"), someHours(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				doc, err := draw(f, st)
				if err != nil {
					b.Fatal(err)
				}
				_, err = doc.Sealed("x.json", []byte("{}"), key.Key().ID, func(m []byte) ([]byte, error) { return key.Sign(b.Context(), m) })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
