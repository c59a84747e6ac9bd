package demo

import "strings"

// name is a person's name in the scripts it is written in.
type name struct{ hans, hant, latin string }

// Surnames of Guangdong, most frequent first, with their share in a thousand;
// shares follow what the censuses report, the tail is rounded up so that a few
// thousand people show it. Compound surnames are at home here, too: 欧阳, and
// 司徒 in 开平.
const surnames = `陈 104 李 75 黄 73 张 46 林 44 梁 43 刘 39 吴 31 罗 25 何 24 王 24 杨 22 叶 20 郑 19 谢 18 曾 18 周 17 邓 16
钟 14 冯 14 蔡 14 苏 13 彭 12 许 12 卢 12 朱 11 温 10 赖 9 徐 9 江 9 潘 9 麦 9 胡 9 郭 9 余 8 谭 8 曹 7 古 7 廖 7 丘 6 孙 6 马 6
赵 6 区 6 莫 6 姚 6 关 5 简 5 冼 5 霍 5 招 4 岑 4 伍 4 黎 9 方 5 庄 5 洪 5 詹 4 佘 4 纪 3 池 3 欧阳 4 司徒 2 上官 1 端木 1`

// Given names by the time people were born, as they were the fashion.
var givenNames = []struct {
	before       int // born before this year
	male, female string
}{
	{1962, "建国 国强 锦辉 志明 伟强 润成 国华 炳坤 树生 福全 兆基 耀东 永康 汉文 德明 荣光 水生 金泉 广生 柏年",
		"桂英 秀兰 丽华 玉珍 惠芳 美玲 月娥 少芬 凤仪 素贞 金娣 妙玲 淑贤 瑞琼 爱莲 笑容 带娣 群好 佩珍 彩霞"},
	{1980, "伟 志强 建华 国辉 文彬 永雄 健辉 俊生 海涛 立新 卫东 少华 伟明 智勇 展鹏 锡权 文锋 启明 汉荣 劲松",
		"敏 丽 静 燕 晓红 秀珍 淑仪 丽娟 雪梅 小玲 冬梅 惠琼 绮雯 红梅 海燕 倩 少玲 洁 月明 秋菊"},
	{1996, "俊杰 嘉明 志聪 伟健 浩 鹏 健锋 宇 家乐 晓峰 子健 文杰 梓豪 永浩 振宇 柏林 伟杰 锐 铭 健东",
		"嘉敏 嘉欣 婷婷 思敏 晓彤 雅琪 佩珊 颖 雪莹 燕玲 静雯 慧敏 海珊 诗敏 晓雯 绮琪 洁莹 婉君 丹 秋怡"},
	{2006, "嘉豪 家俊 浩然 宇轩 俊熙 梓杰 晓阳 泽锋 锦涛 子聪 文轩 铭浩 梓健 志恒 润东 展睿 卓贤 奕 天佑 昊",
		"欣怡 思琪 诗琪 梓晴 晓琳 咏琳 颖琳 嘉怡 泳仪 紫晴 芷晴 雨桐 楚瑶 静怡 佳颖 子欣 凯琳 淳 琬婷 心悦"},
	{9999, "子轩 梓睿 浩宇 宇航 一诺 俊希 睿 子墨 奕辰 梓轩 铭轩 沐阳 皓轩 柏熹 承泽 晨 以恒 景行 知远 泓毅",
		"梓涵 欣妍 语桐 可欣 诗涵 芷若 若曦 一诺 沐晴 雨萱 依诺 思妍 乐瑶 昕玥 奕霏 子悦 清妍 苡晴 安琪 书瑶"},
}

// Characters that few fonts have, yet stand in people's papers: the platform
// must write them right or say that it cannot.
var rareGiven = []string{"堃", "喆", "赟", "燚", "翀", "祎", "昇旻", "子䶮", "㛃", "一㬎", "𬭎", "𫖮", "思𬱖", "文𬍛", "琇莹", "翯"}

type weightedText struct {
	texts   []string
	weights []float64
}

func weightedTexts(s string) weightedText {
	var out weightedText
	f := strings.Fields(s)
	for i := 0; i+1 < len(f); i += 2 {
		w := 0
		for _, d := range f[i+1] {
			w = 10*w + int(d-'0')
		}
		out.texts, out.weights = append(out.texts, f[i]), append(out.weights, float64(w))
	}
	return out
}

func (w weightedText) draw(c chance) string { return w.texts[c.weighted(w.weights)] }

var mainlandSurnames = weightedTexts(surnames)

// mainlandName draws a name that suits sex and year of birth; one in 150 has a
// rare character.
func mainlandName(c chance, female bool, born int) name {
	return familyName(c, mainlandSurnames.draw(c), female, born)
}

func familyName(c chance, surname string, female bool, born int) name {
	given := pick(c, strings.Fields(givenOf(female, born)))
	if c.is(1.0 / 150) {
		given = pick(c, rareGiven)
	}
	return name{hans: surname + given}
}

func givenOf(female bool, born int) string {
	for _, g := range givenNames {
		if born < g.before {
			if female {
				return g.female
			}
			return g.male
		}
	}
	return givenNames[len(givenNames)-1].male
}

// surnameOf is the surname of a Chinese name.
func surnameOf(hans string) string {
	for _, s := range mainlandSurnames.texts {
		if len([]rune(s)) == 2 && strings.HasPrefix(hans, s) {
			return s
		}
	}
	return string([]rune(hans)[:1])
}
