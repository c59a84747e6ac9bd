package demo

import "strings"

// sarName is a surname or a character of a given name in both scripts, with
// its romanisation in Hong Kong and in Macao, each as its government writes it.
type sarName struct{ hans, hant, hk, mo string }

func sarNames(s string) []sarName {
	var out []sarName
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		for entry := range strings.SplitSeq(line, " ") {
			f := strings.Split(entry, "/")
			out = append(out, sarName{f[0], f[1], strings.ReplaceAll(f[2], "_", " "), strings.ReplaceAll(f[3], "_", " ")})
		}
	}
	return out
}

// Frequent surnames come twice.
var sarSurnames = sarNames(`
陈/陳/Chan/Chan 陈/陳/Chan/Chan 黄/黃/Wong/Wong 黄/黃/Wong/Wong 李/李/Lee/Lei 李/李/Lee/Lei 梁/梁/Leung/Leong 林/林/Lam/Lam
张/張/Cheung/Cheong 刘/劉/Lau/Lao 吴/吳/Ng/Ng 何/何/Ho/Ho 郑/鄭/Cheng/Cheang 邓/鄧/Tang/Tang 周/周/Chow/Chao 叶/葉/Yip/Ip
杨/楊/Yeung/Ieong 冯/馮/Fung/Fong 蔡/蔡/Choi/Choi 曾/曾/Tsang/Chang 谢/謝/Tse/Che 许/許/Hui/Hoi 郭/郭/Kwok/Kuok 罗/羅/Law/Lo
卢/盧/Lo/Lou 苏/蘇/So/Sou 麦/麥/Mak/Mak 关/關/Kwan/Kuan 谭/譚/Tam/Tam 余/余/Yu/U 朱/朱/Chu/Chu 欧阳/歐陽/Au_Yeung/Ao_Ieong 司徒/司徒/Szeto/Si_Tou`)

var sarMale = sarNames(`
家俊/家俊/Ka_Chun/Ka_Chon 志明/志明/Chi_Ming/Chi_Meng 伟文/偉文/Wai_Man/Wai_Man 国强/國強/Kwok_Keung/Kuok_Keong 浩然/浩然/Ho_Yin/Hou_In
子轩/子軒/Tsz_Hin/Chi_Hin 德荣/德榮/Tak_Wing/Tak_Weng 健华/健華/Kin_Wah/Kin_Wa 俊杰/俊傑/Chun_Kit/Chon_Kit 耀明/耀明/Yiu_Ming/Io_Meng
启泰/啟泰/Kai_Tai/Kai_Tai 永康/永康/Wing_Hong/Weng_Hong 朗希/朗希/Long_Hei/Long_Hei 兆基/兆基/Siu_Kei/Sio_Kei`)

var sarFemale = sarNames(`
咏怡/詠怡/Wing_Yi/Weng_I 嘉欣/嘉欣/Ka_Yan/Ka_Ian 美玲/美玲/Mei_Ling/Mei_Leng 慧敏/慧敏/Wai_Man/Wai_Man 淑仪/淑儀/Suk_Yee/Sok_I
丽芳/麗芳/Lai_Fong/Lai_Fong 诗琪/詩琪/Sze_Ki/Si_Kei 芷晴/芷晴/Tsz_Ching/Chi_Cheng 晓彤/曉彤/Hiu_Tung/Hio_Tong 佩珊/佩珊/Pui_Shan/Pui_San
宝珠/寶珠/Po_Chu/Pou_Chu 婉雯/婉雯/Yuen_Man/Un_Man 颖心/穎心/Wing_Sum/Weng_Sam 秀英/秀英/Sau_Ying/Sao_Ieng`)

// Residents without a Chinese name.
var (
	hkLatin = []string{"Gurpreet Kaur Sandhu", "Rajesh Kumar Limbu", "Maria Teresa Santos", "Oliver James Whitfield", "Amina Yusuf"}
	moLatin = []string{"Sofia da Rosa", "João Manuel Nogueira", "Filipa Xavier do Rosário", "António José de Assis"}
)

// sarPerson draws a name of Hong Kong (or of Macao); latinOnly says that it
// has no characters.
func sarPerson(c chance, macao, female bool) (n name, latinOnly bool) {
	if c.is(0.06) {
		if macao {
			return name{latin: pick(c, moLatin)}, true
		}
		return name{latin: pick(c, hkLatin)}, true
	}
	given := sarMale
	if female {
		given = sarFemale
	}
	s, g := pick(c, sarSurnames), pick(c, given)
	roman := s.hk + " " + g.hk
	if macao {
		roman = s.mo + " " + g.mo
	}
	return name{hans: s.hans + g.hans, hant: s.hant + g.hant, latin: roman}, false
}
